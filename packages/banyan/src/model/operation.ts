import type { Declared, ErrorOf } from './declared-error.ts'
import type { Reads, Schema, Schemas, Sends, Wire } from './schema.ts'

export type Kind = 'command' | 'query'
export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
/** `'GET /orders/:orderId'`: path parameters are fields of the input. */
export type HttpRoute = `${Method} /${string}`
/**
 * How fresh an answer must be. `strong`: projections have seen all that the service itself had committed when the query came. `session`: they
 * have seen what this caller wrote, wherever it wrote it (read your writes). `eventual`: as it comes. What `load` reads is always strong.
 */
export type Consistency = 'strong' | 'session' | 'eventual'

/** An operation that is to go. Days are `2026-12-01`, or moments `2026-12-01T08:00Z`. */
export interface Deprecation {
  /** Since when, or from when on, it should not be used any more: the header `Deprecation` of its answers (RFC 9745). */
  readonly since: string
  /** From when on it may be gone, not before `since`: the header `Sunset` (RFC 8594). */
  readonly sunset?: string
  /** The address of a page that says what to do instead: the header `Link`. */
  readonly link?: string
}

interface OperationOptions<I extends Schema, O extends Schema, E extends Schemas> {
  /** Where it stands over HTTP; without one it is for other services only. */
  http?: HttpRoute
  /** An object schema; omitted: no input. */
  input?: I
  /** Omitted: no output. */
  output?: O
  /** Refusals, by name; thrown with `contract.operation.errors.Name(details)`. */
  errors?: E
  /** HTTP statuses of declared errors; unsaid ones answer 422, but NotFound 404, Conflict 409, Forbidden 403, Gone 410. */
  statuses?: { readonly [K in keyof E]?: number }
  /** That it should not be used any more. Answers over HTTP say so, and so does the reference. */
  deprecated?: Deprecation
}
export interface CommandOptions<I extends Schema, O extends Schema, E extends Schemas> extends OperationOptions<I, O, E> {
  /** How fresh the projections must be that its handler reads; `eventual` unless said. Decisions are made on true states whatever this says. */
  consistency?: Consistency
  /**
   * Its input or output is a secret, such as a password or a token. Neither is kept with the key: a repeat is recognised and refused
   * (`answer_not_kept`) instead of answered. It cannot be sent, since a send is kept until it is delivered.
   */
  secret?: boolean
}
export interface QueryOptions<I extends Schema, O extends Schema, E extends Schemas> extends OperationOptions<I, O, E> {
  /** `session` unless said. */
  consistency?: Consistency
}

/** What an operation is at run time, whatever its types. */
export interface OperationFacts {
  readonly http: HttpRoute | undefined
  readonly input: Schema | undefined
  readonly output: Schema | undefined
  readonly errors: Schemas
  readonly statuses: Readonly<Record<string, number>>
  readonly consistency: Consistency
  readonly deprecated: Deprecation | undefined
  /** Whether input and output are kept out of records and logs. */
  readonly secret: boolean
}

export interface Spec<K extends Kind, Input, Output, Errors> {
  readonly kind: K
  readonly facts: OperationFacts
  readonly '~types': [Input, Output, Errors]
}
/** A command before its contract names it. */
export interface Command<Input, Output, Errors> extends Spec<'command', Input, Output, Errors> {}
/** A query before its contract names it. */
export interface Query<Input, Output, Errors> extends Spec<'query', Input, Output, Errors> {}

/** Declares a command: it may change state, carries an idempotency key and runs at most once under it. */
export function command<I extends Schema = Schema<void>, O extends Schema = Schema<void>, E extends Schemas = {}>(
  options: CommandOptions<I, O, E>,
): Command<Wire<I>, Wire<O>, { [K in keyof E]: Wire<E[K]> }> {
  return spec('command', options, 'eventual')
}

/** Declares a query: it changes nothing, so it may be repeated, hedged and cached. */
export function query<I extends Schema = Schema<void>, O extends Schema = Schema<void>, E extends Schemas = {}>(
  options: QueryOptions<I, O, E>,
): Query<Wire<I>, Wire<O>, { [K in keyof E]: Wire<E[K]> }> {
  return spec('query', options, 'session')
}

type SpecOptions = QueryOptions<Schema, Schema, Schemas> & CommandOptions<Schema, Schema, Schemas>

function spec<K extends Kind>(kind: K, options: SpecOptions, fresh: Consistency): Spec<K, never, never, never> {
  const { http, input, output, errors = {}, statuses = {}, consistency = fresh, deprecated, secret = false } = options
  const facts: OperationFacts = { http, input, output, errors, statuses: statuses as Record<string, number>, consistency, deprecated, secret }
  return { kind, facts } as Spec<K, never, never, never>
}

/** An operation of a contract. */
export interface Operation<Service extends string, Name extends string, K extends Kind, Input, Output, Errors> {
  readonly kind: K
  readonly service: Service
  readonly name: Name
  readonly facts: OperationFacts
  readonly errors: { readonly [E in keyof Errors]: ErrorOf<E & string, Sends<Errors[E]>> }
  readonly '~types': [Input, Output, Errors]
}
export type AnyOperation<Service extends string = string> = Operation<Service, string, Kind, unknown, unknown, {}>

export type DeclaredOf<Errors> = { [E in keyof Errors]: Declared<E & string, Reads<Errors[E]>> }[keyof Errors]
