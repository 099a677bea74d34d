import { fileURLToPath } from 'node:url'
import { BanyanError } from '../kernel/errors.ts'
import type { Access } from './access.ts'
import type { AnyAggregate, PrivateEventsOf } from './aggregate.ts'
import type { CachePolicy, Invalidation } from './cache.ts'
import type { Uses } from './call.ts'
import type { Applied, Handler, Handlers, ManyContext, ProjectionContext, ReactionContext, Setup } from './context.ts'
import type { AnyContract, EventsOf, OperationsOf, ServiceName } from './contract.ts'
import type { AnyEvent, DomainData, Event, EventRef } from './event.ts'
import type { Limits } from './limit.ts'
import type { AnyOperation, Operation } from './operation.ts'
import type { Awaitable, Reads, Sends } from './schema.ts'
import type { Apply, Policy, Projection, Published, Reaction, Service, ServiceFacts, Store } from './service.ts'
import type { Env } from './setting.ts'

export interface PostgresOptions {
  /** Where the service's `0001_name.sql` files are: `import.meta.resolve('./migrations')`, a file URL or an absolute path. */
  migrations?: string | URL
  /**
   * `'row-level-security'`: whatever handlers and projections read and write is of the tenant of the request, or of the event, also where they
   * forget to say so. Tables with a column `tenant` need a policy that compares it with `banyan_tenant()`; the app does not start otherwise.
   */
  tenants?: 'row-level-security'
}

/** The service's own PostgreSQL schema, with its tables' types for Kysely: `postgres<Tables>({ migrations: import.meta.resolve('./migrations') })`. */
export function postgres<Tables = {}>(options: PostgresOptions = {}): Store<Tables> {
  return { kind: 'postgres', migrations: directory(options.migrations), tenants: options.tenants } as Store<Tables>
}

function directory(given: string | URL | undefined): string | undefined {
  if (given === undefined) return undefined
  const text = String(given)
  if (text.startsWith('file:')) return fileURLToPath(text)
  if (text.startsWith('/') || /^[A-Za-z]:[\\/]/.test(text)) return text
  throw new BanyanError('invalid_configuration', `migrations: '${text}' is relative, and nothing says to what; write import.meta.resolve('${text}')`)
}

/** A public event made from a private one; `map` where their shapes differ. */
export interface PublishedAs<Data> extends Published {
  readonly '~publishes': Data
}
/** `publishes: { Placed: from(order, 'Placed') }`: an aggregate's event leaves the house under a contract's name. */
export function from<Events, K extends keyof Events & string>(aggregate: PrivateEventsOf<Events>, event: K): PublishedAs<DomainData<Events[K]>>
export function from<Events, K extends keyof Events & string, Out>(
  aggregate: PrivateEventsOf<Events>,
  event: K,
  map: (data: DomainData<Events[K]>, about: { readonly id: string; readonly version: number; readonly at: Date }) => Out,
): PublishedAs<Out>
export function from(aggregate: unknown, event: string, map?: Published['map']): PublishedAs<never> {
  return { aggregate: aggregate as AnyAggregate, event, map } as PublishedAs<never>
}

export interface ImplementOptions<U extends Uses, Tables> {
  /** The contracts of the only services this one may call, send to or hear. */
  uses?: U
  store?: Store<Tables>
  /**
   * Variables that hold its secrets: `secrets: [env('PAYMENTS_SECRET', 'for development')]`. Outside development no unit starts with the service where one is
   * not set, or set to what the code has for development; in development where it is not set and the code has nothing.
   */
  secrets?: readonly Env[]
}

/** What only some may see of an answer. */
interface Redacting<Output, Input> {
  /**
   * Rules by path: `{ email: role('clerk'), 'lines[].price': role('clerk') }`. For callers from outside whom the rule does not let pass, the
   * field is left out where it is optional, else `null`; other services see all.
   */
  redact?: { readonly [path: string]: Access<Output, Input> } | undefined
}
export interface QueryPolicy<Output, Input> extends Redacting<Output, Input>, Limits<Input> {
  access?: Access<Output, Input> | undefined
  cache?: CachePolicy<Input, Output> | undefined
}
/** A command is decided on before it runs: its rule sees the input, and no answer. */
export interface CommandPolicy<Output, Input> extends Redacting<Output, Input>, Limits<Input> {
  access?: Access<unknown, Input> | undefined
}
type PolicyOf<O> =
  O extends Operation<string, string, infer K, infer I, infer R, {}>
    ? K extends 'query'
      ? QueryPolicy<Reads<R>, Reads<I>>
      : CommandPolicy<Reads<R>, Reads<I>>
    : never
export interface Parts<C extends AnyContract, S extends Setup> {
  handlers: Handlers<OperationsOf<C>, C, S>
  /** Which private events leave the house, and under what public name. */
  publishes?: { readonly [K in EventsOf<C>]?: C[K] extends Event<string, string, infer D> ? PublishedAs<Sends<D>> : never }
  /** Who may do what, how often, and what is cached; an operation with an HTTP route that has no access rule is denied to all. */
  policies?: { readonly [K in OperationsOf<C>]?: PolicyOf<C[K]> }
  projections?: readonly ProjectionOf<S['service']>[]
  reactions?: readonly ReactionOf<S['service']>[]
  /** What of the cache events make old. */
  invalidations?: readonly InvalidationOf<S['service']>[]
}
export interface ReactionOf<Name extends string> extends Reaction {
  readonly service: Name
}
export interface ProjectionOf<Name extends string> extends Projection {
  readonly service: Name
}
export interface InvalidationOf<Name extends string> extends Invalidation {
  readonly service: Name
}
export interface ReactionOptions {
  /** A subscription of its own, needed only where the service reacts to the same event twice. */
  subscription?: string
}

/** Says what a projection does with an event. */
export interface ApplyTo<S extends Setup> {
  <Data>(event: EventRef<Data>, apply: (data: Data, context: ProjectionContext<S>) => Awaitable<unknown>): Apply
  /**
   * Applies all such events of a transaction with one statement, where their order does not matter: sums, rows of a ledger. They come in
   * the order of their keys, after everything that is applied singly, and one kind after the other as the projection lists them; so
   * whoever sorts what a statement changes is not caught in a deadlock with another part of the log.
   */
  many<Data>(event: EventRef<Data>, apply: (events: readonly Applied<Data>[], context: ManyContext<S>) => Awaitable<unknown>): Apply
}

/** The builders of one service's parts; each part may stand in a file of its own, and nothing is annotated. */
export interface Implementation<C extends AnyContract, S extends Setup> {
  /** Types a handler; without it, write the function inside `service({ handlers })`. */
  readonly handler: <O extends AnyOperation<S['service']>>(operation: O, run: Handler<O, S>) => Handler<O, S>
  /**
   * Does something when an event happens. At least once; in the order of the event's key; what it transacts commits together with the
   * note that the event is done, so its effects happen once. An event that fails for good parks its key, not the others.
   */
  readonly on: <Data>(
    event: EventRef<Data>,
    react: (data: Data, context: ReactionContext<S>) => Awaitable<unknown>,
    options?: ReactionOptions,
  ) => ReactionOf<S['service']>
  /** Keeps tables for reading up to date with events; it can be rebuilt, so it calls and sends nothing. */
  readonly projection: (name: string, options: { version: number }, on: (on: ApplyTo<S>) => readonly Apply[]) => ProjectionOf<S['service']>
  /**
   * Says which cached answers an event makes old, by their tags: `invalidation(catalog.Repriced, ({ sku }) => [`product:${sku}`])`. It is done
   * once the service's own projections have applied the event.
   */
  readonly invalidation: <Data>(event: EventRef<Data>, tags: (data: Data) => readonly string[]) => InvalidationOf<S['service']>
  readonly service: (parts: Parts<C, S>) => Service<C>
}

/**
 * Begins the implementation of a contract: says what the service is made with and answers builders that take their types from it.
 * Two steps, because TypeScript checks nested functions before it has inferred `uses`.
 */
export function implement<C extends AnyContract, U extends Uses = {}, Tables = {}>(
  contract: C,
  options: ImplementOptions<U, Tables> = {},
): Implementation<C, Setup<ServiceName<C>, U, Tables>> {
  type S = Setup<ServiceName<C>, U, Tables>
  const name = contract['~contract'] as ServiceName<C>
  const builders: Implementation<C, S> = {
    handler: (_operation, run) => run,
    on: (event, react, { subscription = 'reactions' } = {}) => ({ kind: 'reaction', service: name, event, subscription, react: react as Reaction['react'] }),
    projection: (projection, { version }, on) => ({
      kind: 'projection',
      service: name,
      name: projection,
      version,
      on: on(
        Object.assign((event: AnyEvent, apply: unknown) => applies(event, apply), {
          many: (event: AnyEvent, apply: unknown): Apply => ({ ...applies(event, apply), many: true }),
        }),
      ),
    }),
    invalidation: (event, tags) => ({ kind: 'invalidation', service: name, event, tags: tags as Invalidation['tags'] }),
    service: ({ publishes = {}, policies = {}, projections = [], reactions = [], invalidations = [], handlers }) => {
      const { uses = {}, store = postgres(), secrets = [] } = options
      const facts = { contract, uses, store, secrets, handlers, publishes, policies, projections, reactions, invalidations }
      return { kind: 'service', contract, facts: facts as unknown as ServiceFacts & { policies: Record<string, Policy> } }
    },
  }
  return builders
}

function applies(event: AnyEvent, apply: unknown): Apply {
  return { kind: 'apply', event, apply: apply as Apply['apply'] }
}
