/** Who a request is made for; established once, at the edge. */
export interface Identity {
  /** `anonymous` where nobody has logged in. */
  readonly subject: string
  readonly roles: readonly string[]
  readonly tenant: string
  /** What its token may be used for (`scope`, RFC 9068 §2.2.3); none where the token says nothing. */
  readonly scopes: readonly string[]
  /** Claims of its token that the app has declared: `auth: { claims: ['department'] }`. */
  readonly attributes: Readonly<Record<string, unknown>>
  has(role: string): boolean
}

/** What a rule that is a function may look at. */
export interface Asked<Input = unknown> {
  readonly identity: Identity
  /** The service that calls, or `undefined` when the request came from outside. */
  readonly caller: string | undefined
  /** As the contract has it. */
  readonly input: Input
  readonly now: Date
}

/** How much is known: `asked`: who asks; `read`: the input as well, which is right; `answered`: the answer, or the object, as well. */
export type Stage = 'asked' | 'read' | 'answered'

/** What an access rule decides on. Before its stage, `input` and `output` are `undefined` and mean nothing. */
export interface AccessRequest<Output = unknown, Input = unknown> extends Asked<Input> {
  readonly stage: Stage
  readonly output: Output
}

/**
 * Who may do something. A rule is asked when it is known who asks, again with the input, and again with the answer, until it has decided:
 * `true`, `false`, or `undefined` for "not yet". What is undecided at the end is refused.
 */
export interface Access<Output = unknown, Input = unknown> {
  /** For listings and refusals: `role customer`, `owner`. */
  readonly text: string
  readonly decide: (request: AccessRequest<Output, Input>) => boolean | undefined
  /** The rules it is made of. */
  readonly parts?: readonly Access<Output, Input>[] | undefined
  /** The claims that it looks at by name. */
  readonly claims?: readonly string[] | undefined
  /** Where it refuses because of the answer: `true`, or the error of an object that does not exist, instead of `forbidden`. */
  readonly hide?: Hide<Input> | undefined
}
export type Hide<Input = unknown> = true | ((input: Input) => Error)
export interface HideOptions<Input> {
  /**
   * Answers as if there were nothing, so that nobody learns which objects exist: `true` as `not_found`, or with the very error that the
   * handler throws for what does not exist, `({ orderId }) => orders.byId.errors.NotFound({ orderId })`.
   */
  hide?: Hide<Input>
}

export const ANONYMOUS = 'anonymous'
/** The caller of whoever runs the app: seeds, tests, administration. No rule stops it; it never comes from outside. */
export const OPERATOR = 'operator'

// what asks for neither input nor output takes their types from where it stands, so that rules beside it in `allOf` have them whatever the order

/** Everybody, also without a token. */
export function anyone<Output = unknown, Input = unknown>(): Access<Output, Input> {
  return { text: 'anyone', decide: () => true }
}

/** Every caller that has logged in. */
export function authenticated<Output = unknown, Input = unknown>(): Access<Output, Input> {
  return { text: 'authenticated', decide: isKnown }
}

/** Callers that have at least one of the roles, or one that includes it (`app({ roles })`). */
export function role<Output = unknown, Input = unknown>(...roles: readonly [string, ...string[]]): Access<Output, Input> {
  return { text: `role ${roles.join(' or ')}`, decide: ({ identity }) => roles.some((name) => identity.has(name)) }
}

/** Callers whose token may be used for this: one of the `scope` that an authorisation server put into it. */
export function scope<Output = unknown, Input = unknown>(...scopes: readonly [string, ...string[]]): Access<Output, Input> {
  return { text: `scope ${scopes.join(' or ')}`, decide: ({ identity }) => scopes.some((name) => identity.scopes.includes(name)) }
}

/**
 * Callers whose token makes a claim: is one of the values, or a list with one of them, as `claim('amr', 'mfa')`. Which claims are read the app
 * says: `auth: { claims: ['amr'] }`.
 */
export function claim<Output = unknown, Input = unknown>(name: string, ...values: readonly [string, ...string[]]): Access<Output, Input> {
  return { text: `claim ${name} ${values.join(' or ')}`, claims: [name], decide: ({ identity }) => saysOneOf(identity.attributes[name], values) }
}

/** The claims that a rule and its parts look at by name. */
export function claimsOf({ claims = [], parts = [] }: Access<never, never>): readonly string[] {
  return [...claims, ...parts.flatMap((part) => claimsOf(part as Access<never, never>))]
}

function saysOneOf(claimed: unknown, values: readonly string[]): boolean {
  const said: readonly unknown[] = Array.isArray(claimed) ? claimed : [claimed]
  return values.some((value) => said.includes(value))
}

/** Other services of the app, whoever they act for. Operations without an HTTP route have this rule unless another is said. */
export function services<Output = unknown, Input = unknown>(...names: readonly string[]): Access<Output, Input> {
  const text = names.length === 0 ? 'services' : `service ${names.join(' or ')}`
  return { text, decide: ({ caller }) => caller !== undefined && (names.length === 0 || names.includes(caller)) }
}

/**
 * Whatever a function makes of identity, calling service, input and time: `where('own branch', ({ identity, input }) => …)`. Asked once, with
 * an input that is right, before the handler runs. The text is shown to those it refuses.
 */
export function where<Input, Output = unknown>(text: string, holds: (asked: Asked<Input>) => boolean): Access<Output, Input> {
  return { text, decide: (request) => (request.stage === 'asked' ? undefined : holds(request)) }
}

/** Whatever a function makes of the answer of a query, or of the object given to `authorize`. The text is shown to those it refuses, the object is not. */
export function about<Output, Input = unknown>(
  text: string,
  holds: (object: Output, asked: Asked<Input>) => boolean,
  { hide }: HideOptions<Input> = {},
): Access<Output, Input> {
  return { text, decide: (request) => (request.stage === 'answered' ? holds(request.output, request) : undefined), hide }
}

/**
 * The caller whose subject the answer of a query names: `owner((order) => order.customerId)`. A command has no object before its handler
 * runs: there, `authorize(order, owner(…))` once it is loaded.
 */
export function owner<Output, Input = unknown>(subject: (output: Output) => string | undefined, { hide }: HideOptions<Input> = {}): Access<Output, Input> {
  return known('owner', (request) => subject(request.output) === request.identity.subject, hide)
}

/** Callers of the tenant that the answer, or the object, names: `tenant((order) => order.tenantId)`. */
export function tenant<Output, Input = unknown>(name: (output: Output) => string | undefined, { hide }: HideOptions<Input> = {}): Access<Output, Input> {
  return known('tenant', (request) => name(request.output) === request.identity.tenant, hide)
}

/** Somebody known of whom something is asked once there is an answer. */
function known<Output, Input>(text: string, holds: (request: AccessRequest<Output, Input>) => boolean, hide: Hide<Input> | undefined): Access<Output, Input> {
  return { text, decide: (request) => isKnown(request) && (request.stage === 'answered' ? holds(request) : undefined), hide }
}

function isKnown({ identity }: Pick<AccessRequest, 'identity'>): boolean {
  return identity.subject !== ANONYMOUS
}

/** Callers that one of the rules lets pass. */
export function anyOf<Output, Input>(...rules: readonly Access<Output, Input>[]): Access<Output, Input> {
  return { text: joined(rules, ' or '), parts: rules, decide: (request) => firstOf(rules, request, true) }
}

/** Callers that all of the rules let pass. */
export function allOf<Output, Input>(...rules: readonly Access<Output, Input>[]): Access<Output, Input> {
  return { text: joined(rules, ' and '), parts: rules, decide: (request) => firstOf(rules, request, false) }
}

/** Callers that the rule does not let pass; among them, unless it is combined with another, are those nobody knows. */
export function not<Output, Input>(rule: Access<Output, Input>): Access<Output, Input> {
  const text = rule.parts ? `not (${rule.text})` : `not ${rule.text}`
  return {
    text,
    claims: claimsOf(rule as Access<never, never>),
    decide: (request) => {
      const decided = rule.decide(request)
      return decided === undefined ? undefined : !decided
    },
  }
}

/** `settles` where one rule says so, its opposite where all say that, else not yet: Kleene's logic of three values. */
function firstOf<Output, Input>(rules: readonly Access<Output, Input>[], request: AccessRequest<Output, Input>, settles: boolean): boolean | undefined {
  let open = false
  for (const rule of rules) {
    const decided = rule.decide(request)
    if (decided === settles) return settles
    open ||= decided === undefined
  }
  return open ? undefined : !settles
}

function joined(rules: readonly { readonly text: string; readonly parts?: readonly unknown[] | undefined }[], word: string): string {
  return rules.map(({ text, parts }) => (parts && parts.length > 1 && word === ' and ' ? `(${text})` : text)).join(word)
}
