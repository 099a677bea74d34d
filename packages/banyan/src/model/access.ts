/** Who a request is made for; established once, at the edge. */
export interface Identity {
  /** `anonymous` where nobody has logged in. */
  readonly subject: string
  readonly roles: readonly string[]
  readonly tenant: string
  has(role: string): boolean
}

/** What an access rule decides on. */
export interface AccessRequest {
  readonly identity: Identity
  /** The service that calls, or `undefined` when the request came from outside. */
  readonly caller: string | undefined
}

/** Whether a request may pass. `before` is asked before the handler runs, `after` sees the answer. */
export interface Access<Output = unknown> {
  /** For listings: `role customer`, `owner`. */
  readonly text: string
  readonly before: (request: AccessRequest) => boolean
  readonly after?: ((request: AccessRequest, output: Output) => boolean) | undefined
}

export const ANONYMOUS = 'anonymous'
/** The caller of whoever runs the app: seeds, tests, administration. No rule stops it; it never comes from outside. */
export const OPERATOR = 'operator'

/** Everybody, also without a token. */
export function anyone(): Access {
  return { text: 'anyone', before: () => true }
}

/** Every caller that has logged in. */
export function authenticated(): Access {
  return { text: 'authenticated', before: ({ identity }) => identity.subject !== ANONYMOUS }
}

/** Callers that have at least one of the roles. */
export function role(...roles: readonly [string, ...string[]]): Access {
  return { text: `role ${roles.join(' or ')}`, before: ({ identity }) => roles.some((name) => identity.has(name)) }
}

/** Other services of the app, whoever they act for. Operations without an HTTP route have this rule unless another is said. */
export function services(...names: readonly string[]): Access {
  const text = names.length === 0 ? 'services' : `service ${names.join(' or ')}`
  return { text, before: ({ caller }) => caller !== undefined && (names.length === 0 || names.includes(caller)) }
}

/** For queries: the caller whose subject the answer names: `owner((order) => order.customerId)`. */
export function owner<Output>(subject: (output: Output) => string | undefined): Access<Output> {
  return {
    text: 'owner',
    before: ({ identity }) => identity.subject !== ANONYMOUS,
    after: ({ identity }, output) => subject(output) === identity.subject,
  }
}

/** Callers that one of the rules lets pass. */
export function anyOf<Output>(...rules: readonly Access<Output>[]): Access<Output> {
  const passed = (request: AccessRequest) => rules.filter((rule) => rule.before(request))
  return {
    text: rules.map((rule) => rule.text).join(' or '),
    before: (request) => passed(request).length > 0,
    after: rules.some((rule) => rule.after) ? (request, output) => passed(request).some((rule) => rule.after?.(request, output) ?? true) : undefined,
  }
}
