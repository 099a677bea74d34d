import type { Kysely } from 'kysely'
import type { Decide, DecidersOf, StateOf } from './aggregate.ts'
import type { Access, Identity } from './access.ts'
import type { Cache } from './cache.ts'
import type { Calls, Queries, SendCommands, Uses } from './call.ts'
import type { EventValue } from './event.ts'
import type { Kind, Operation } from './operation.ts'
import type { Problem } from './problem.ts'
import type { Awaitable, Reads, Sends } from './schema.ts'

/** What a service is made of, as types; the one parameter of every context. */
export interface Setup<Service extends string = string, U extends Uses = Uses, Tables = unknown> {
  service: Service
  uses: U
  tables: Tables
}

export interface Log {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void
  info(message: string, fields?: Readonly<Record<string, unknown>>): void
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void
  error(message: string, fields?: Readonly<Record<string, unknown>>): void
}

/** The reading part of Kysely. What writes is refused by the database (`read_only`). */
export type Reader<Tables> = Pick<Kysely<Tables>, 'selectFrom' | 'selectNoFrom' | 'with' | 'withRecursive' | 'fn' | 'getExecutor'>

/** Runs SQL with `$1` parameters and answers its rows. */
export type RunSql = <Row extends object = Record<string, unknown>>(text: string, values?: readonly unknown[]) => Promise<Row[]>

/** An aggregate's state and the version it has. */
export interface Loaded<State> {
  readonly state: State
  /** How many events led to it; 0: none yet. */
  readonly version: number
}
/** Which past to look at: up to a version, or up to a moment; omitted: the present. */
export type AsOf = { readonly version: number } | { readonly at: Date }

export interface Load {
  <State>(aggregate: StateOf<State>, id: string, asOf?: AsOf): Promise<Loaded<State>>
}

export interface Common {
  readonly identity: Identity
  readonly log: Log
  /**
   * Throws unless the rule lets the caller have to do with an object: `authorize(order, owner(({ customerId }) => customerId))`. The refusal is
   * the one that the rule would give as a policy, with its reason; the operator passes.
   */
  readonly authorize: <Object>(object: Object, rule: Access<NoInfer<Object>>) => void
  /** The time now; fix it before `transact` where the decision depends on it. */
  readonly now: () => Date
  /** Aborts when the caller gives up or the deadline passes. */
  readonly signal: AbortSignal
}
interface Reading<S extends Setup> extends Common {
  /** Reads the service's own tables; never another service's. */
  readonly db: Reader<S['tables']>
  /** Plain SQL that reads. */
  readonly query: RunSql
  /** Replays an aggregate's stream. */
  readonly load: Load
  /** The service's own cache. */
  readonly cache: Cache
}

/** What one transaction may do. It has no `call`: asking another service while holding locks does not compile. */
export interface Tx<S extends Setup> {
  /** Reads and writes the service's own tables. The first use opens a transaction of its own; units that only append share commits. */
  readonly db: Kysely<S['tables']>
  readonly query: RunSql
  /** Decides on the current state; the events are appended at the commit under a check that nobody else changed the stream. */
  readonly decide: <D>(aggregate: DecidersOf<D>, id: string) => Decide<D>
  /** The current state, asserted at the commit like a decision without events. */
  readonly load: <State>(aggregate: StateOf<State>, id: string) => Promise<Loaded<State>>
  /** Publishes an event that no aggregate stands behind; `key` orders it among those of the same key. */
  readonly emit: (event: EventValue<S['service']>, options: { readonly key: string }) => void
  /** Commands to other services, or to one's own, delivered until executed, if and only if this transaction commits; later with `{ after }` or `{ at }`. */
  readonly send: SendCommands<keyof S['uses'], S['uses']>
  /** Not there, so that nothing waits for another service while it holds locks. */
  readonly call: Problem<'no calls inside a transaction: ask other services before transact, tell them by tx.send'>
}

/** An output as a handler writes it; operations without one may return anything, it is dropped. */
export type Answer<Output> = [Output] extends [void] ? unknown : Sends<Output>

export interface Transacting<S extends Setup, Output> {
  /**
   * The one transaction of a command: SQL, events, sends and the idempotency record commit together; a throw rolls all back. Only `work`
   * is retried (serialisation failure, deadlock, version conflict), so fix ids, prices and time before it. What it returns is the
   * command's answer, and what a repeat of the command is answered.
   */
  readonly transact: (work: (tx: Tx<S>) => Awaitable<Answer<Output>>) => Promise<Answer<Output>>
  /** Like `transact`, inside a transaction that another library opened on this service's database and will commit; nothing is retried. */
  readonly within: (theirs: ForeignTransaction, work: (tx: Tx<S>) => Awaitable<Answer<Output>>) => Promise<Answer<Output>>
}
/** A connection with an open transaction: node-postgres and what looks like it. */
export interface ForeignTransaction {
  query<Row extends object = Record<string, unknown>>(text: string, values?: unknown[]): Promise<{ rows: Row[]; rowCount: number | null }>
}

export interface QueryContext<S extends Setup> extends Reading<S> {
  readonly call: Queries<keyof S['uses'], S['uses']>
}
export interface CommandContext<S extends Setup, Output> extends Reading<S>, Transacting<S, Output> {
  readonly call: Calls<keyof S['uses'], S['uses']>
  /** The idempotency key this runs under. */
  readonly key: string
  /** A new UUIDv7; the same one when the command is repeated under its key. */
  readonly id: () => string
}

/** What is known of an event being handled. */
export interface Delivery {
  readonly id: string
  readonly at: Date
  /** 1 for the first attempt. */
  readonly attempt: number
  readonly correlation: string
  /** What it is ordered by: the id of its aggregate, or the key it was emitted with. */
  readonly key: string
}
export interface ReactionContext<S extends Setup> extends Reading<S>, Transacting<S, void> {
  readonly call: Queries<keyof S['uses'], S['uses']>
  readonly event: Delivery
  readonly id: () => string
}
/** What a projection may do with many events at once. */
export interface ManyContext<S extends Setup> {
  readonly db: Kysely<S['tables']>
  readonly query: RunSql
  readonly call: Problem<'no calls in a projection: it is rebuilt from events, so everything it needs must be in them'>
}
export interface ProjectionContext<S extends Setup> extends ManyContext<S> {
  readonly event: Delivery
}
/** One of many events. */
export interface Applied<Data> {
  readonly data: Data
  readonly event: Delivery
}

/** Runs a command. The type arguments that an error message should name come first. */
export interface CommandHandler<Name, Output, Input, S extends Setup> {
  (input: Reads<Input>, context: CommandContext<S, Output>): Awaitable<Answer<Output>>
}
export interface QueryHandler<Name, Output, Input, S extends Setup> {
  (input: Reads<Input>, context: QueryContext<S>): Awaitable<Answer<Output>>
}
export type Handler<O, S extends Setup> =
  O extends Operation<string, infer N, infer K extends Kind, infer I, infer R, {}>
    ? K extends 'command'
      ? CommandHandler<N, R, I, S>
      : QueryHandler<N, R, I, S>
    : never
export type Handlers<Operations extends keyof C, C, S extends Setup> = { readonly [K in Operations]: Handler<C[K], S> }
