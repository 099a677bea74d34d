import { BanyanError } from '../kernel/errors.ts'
import { uuidv7 } from '../kernel/id.ts'
import { Lifecycle } from '../kernel/lifecycle.ts'
import { readCheckpoints } from '../events/checkpoint.ts'
import { PARTITIONS, type RecordedEvent } from '../events/event.ts'
import { committer, type Committer } from '../events/committer.ts'
import { partitionLeases, type Leases } from '../events/leases.ts'
import { hasNews } from '../events/has-news.ts'
import { logFeed, WatchedLog } from '../events/log-feed.ts'
import { eventLog, type EventLog } from '../events/log.ts'
import type { Feed } from '../events/feed.ts'
import { subscribe } from '../events/subscribe.ts'
import type { Subscription } from '../events/subscription.ts'
import type { SubscriptionHandler } from '../events/subscription-handler.ts'
import { Wakeup } from '../events/wakeup.ts'
import type { Log } from '../model/context.ts'
import { operationsOf } from '../model/contract.ts'
import type { AnyOperation } from '../model/operation.ts'
import type { ServiceFacts } from '../model/service.ts'
import { lifeOf } from '../cache/entry.ts'
import { lifetimesOf, ServiceCache } from '../cache/service-cache.ts'
import { CacheGroup } from '../cache/statistics.ts'
import type { TieredCache } from '../cache/tiered-cache.ts'
import type { ServiceDatabase } from '../store/service-database.ts'
import { dispatcher } from '../work/dispatcher.ts'
import { countWork } from '../work/work.ts'
import { attempts, type AttemptParts } from './attempt.ts'
import type { Directory } from './bindings.ts'
import { cachedQuery, type Cached } from './cached-query.ts'
import { Freshness } from './freshness.ts'
import { callFactory } from './calls.ts'
import type { Host } from './contexts.ts'
import { deliver } from './deliver.ts'
import { localOperation, type Hooks, type LocalOperation } from './invoke.ts'
import { operationOf, type LoadedApp } from './load.ts'
import type { Listening } from './listen.ts'
import { invalidationHandler } from './invalidations.ts'
import { runCommand, runQuery } from './operations.ts'
import type { OperationGates } from './open-limits.ts'
import { plannedSubscriptions, type PlannedSubscription } from './planned-subscriptions.ts'
import { ProjectionBatches, projectionHandler } from './projections.ts'
import { succeed } from './predecessor.ts'
import { publisherOf, type Publisher } from './publish.ts'
import { reactionHandler } from './reactions.ts'
import { Refusals } from './refusals.ts'
import { StreamStates } from './stream-states.ts'
import { tableReading } from './table-reading.ts'
import { Transactions } from './transactions.ts'
import { Upkeep } from './upkeep.ts'

export interface ServiceOptions {
  readonly facts: ServiceFacts
  readonly database: ServiceDatabase
  /** For leases and upkeep alone. */
  readonly leases: ServiceDatabase
  readonly directory: Directory
  readonly loaded: LoadedApp
  /** Shared by all services of the unit. */
  readonly cache: TieredCache
  /** What other services pass that call an operation. */
  readonly limits: OperationGates['services']
  readonly log: Log
}

/** How often a feed is asked whether it has news before it counts as having some. */
const LOOKS = 10
const partitions: readonly number[] = Array.from({ length: PARTITIONS }, (_, partition) => partition)

/** Whether a service has something to do; for waiting until all is quiet. */
export interface Activity {
  readonly service: string
  /** What is not done yet: subscriptions that are behind, sends not delivered. */
  readonly busy: readonly string[]
  /** Where the log ends, so that two looks can be compared. */
  readonly end: number
}

interface Active {
  readonly subscription: Subscription
  readonly feed: Feed
  readonly types: readonly string[]
}

/** One service, running in this process. */
export class ServiceRuntime implements AsyncDisposable {
  readonly name: string
  readonly facts: ServiceFacts
  readonly operations: ReadonlyMap<string, LocalOperation>
  /** What other services may read of its log. */
  readonly feed: Feed
  readonly eventLog: EventLog
  readonly database: ServiceDatabase
  /** Woken when its log or its projections have moved in this process. */
  readonly changes: Wakeup = new Wakeup()
  /** How its cache fares, by what follows the service's name: `.operation`, or ` by hand`. */
  readonly caches: Map<string, CacheGroup> = new Map()
  readonly #active: Active[] = []
  readonly #freshness: Freshness
  readonly #options: ServiceOptions
  readonly #lifecycle = new Lifecycle()
  readonly #publisher: Publisher
  readonly #watched: WatchedLog
  readonly #work = new Wakeup()
  readonly #host: Host
  readonly #refusals: Refusals
  readonly #transactions: Transactions

  constructor(options: ServiceOptions) {
    const { facts, database, log } = options
    this.#options = options
    this.database = database
    this.facts = facts
    this.name = facts.contract['~contract']
    this.#publisher = publisherOf(facts)
    this.eventLog = eventLog(database.repeated)
    this.#watched = new WatchedLog(this.eventLog)
    const unpublished = (event: RecordedEvent, error: unknown) => log.error('an event cannot be published; its partition waits', { event: event.id, error })
    this.feed = logFeed(this.#watched, { ...this.#publisher, unpublished })
    const commits: Committer = this.#lifecycle.add('committer', committer(database))
    this.#refusals = this.#lifecycle.add('refusals', new Refusals(database.repeated, log))
    const states = new StreamStates(this.eventLog)
    this.#freshness = new Freshness(this.name, this.eventLog)
    this.#host = this.#makeHost(states.load)
    const committed: AttemptParts['committed'] = ({ sends }, positions) => {
      this.#watched.committed(positions)
      this.changes.wake()
      if (sends.length > 0) this.#work.wake()
    }
    this.#transactions = new Transactions({ attempt: attempts({ facts, database, committer: commits, states, committed, noteEnds: this.#freshness.noteEnds }) })
    this.operations = this.#makeOperations(log)
  }

  /** Makes the database ready to be written to. */
  async open(): Promise<void> {
    this.#lifecycle.add('upkeep', await Upkeep.begin(this.#options.leases.pool, this.#options.log))
  }

  /** Begins to react, project and deliver, and goes on with what its predecessor in this place has left. */
  async listen(place: string): Promise<void> {
    const { facts, database, directory, loaded, cache, log } = this.#options
    await succeed(database.pool, place)
    const owner = `${place}/${uuidv7()}`
    const leases: Leases = this.#lifecycle.add('leases', partitionLeases({ sql: this.#options.leases.pool, owner, log }))
    const moved = () => this.changes.wake()
    const handlers: Record<PlannedSubscription['kind'], (name: string, listening: Listening) => SubscriptionHandler> = {
      reactions: (name, listening) => reactionHandler(this.#host, this.#transactions, name, listening),
      projection: (_name, listening) => projectionHandler(new ProjectionBatches(database, listening, facts.store.tenants), moved),
      invalidations: (_name, listening) => invalidationHandler({ service: this.name, cache, freshness: this.#freshness, moved }, listening),
    }
    const planned = plannedSubscriptions(facts, this.#publisher).map(({ kind, name, listening }) => ({
      name,
      listening,
      kind,
      handler: handlers[kind](name, listening),
    }))
    await Promise.all(planned.map((one) => this.#subscribe(one, leases)))
    this.#freshness.complete()
    this.#lifecycle.add(
      'dispatcher',
      dispatcher({
        sql: database.repeated,
        owner,
        wakeup: this.#work,
        deliver: deliver(directory, (service, name) => operationOf(loaded, service, name), log),
        log,
      }),
    )
  }

  async activity(): Promise<Activity> {
    const [behind, heads] = await Promise.all([Promise.all(this.#active.map((active) => this.#isBehind(active))), this.eventLog.heads()])
    // after the subscriptions: what they have dealt with by now may be a send, and would be seen in neither otherwise
    const work = await countWork(this.database.pool, 'send')
    const subscriptions = this.#active.filter((_, index) => behind[index]).map(({ subscription }) => `${subscription.subscription} of ${subscription.source}`)
    return { service: this.name, busy: [...subscriptions, ...(work > 0 ? [`${work} sends`] : [])], end: Math.max(0, ...heads.positions.values()) }
  }

  /** Whether there is an event that a subscription has yet to deal with. */
  async #isBehind({ subscription, feed, types }: Active): Promise<boolean> {
    const checkpoints = await readCheckpoints(this.database.pool, subscription, partitions)
    const positions = new Map(checkpoints.map(({ partition, position }) => [partition, position]))
    for (let attempt = 1; attempt <= LOOKS; attempt++) {
      try {
        return await hasNews(feed, { positions, types })
      } catch (error) {
        if (!BanyanError.is(error, 'unavailable')) throw error
      }
    }
    return true // nobody can say
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#lifecycle[Symbol.asyncDispose]()
  }

  async #subscribe(
    { kind, name, listening: { source, types }, handler }: PlannedSubscription & { handler: SubscriptionHandler },
    leases: Leases,
  ): Promise<void> {
    const { database, directory, log } = this.#options
    const feed = source === this.name ? logFeed(this.#watched) : directory.feed(source)
    const subscription = await subscribe({
      subscription: name,
      source,
      types,
      handler,
      feed,
      sql: database.repeated,
      leases,
      log,
      ...(handler.kind === 'each' ? { concurrency: PARTITIONS } : {}),
    })
    this.#active.push({ subscription: this.#lifecycle.add(`subscription ${name} to ${source}`, subscription), feed, types })
    if (kind === 'projection') this.#freshness.add(subscription)
  }

  #makeHost(load: Host['load']): Host {
    const { facts, database, directory, log } = this.#options
    const all = tableReading(database, undefined)
    const reading: Host['reading'] = facts.store.tenants ? ({ tenant }) => tableReading(database, tenant) : () => all
    const calls = callFactory(facts.uses, { bindings: directory.binding, only: 'all', log })
    const queries = callFactory(facts.uses, { bindings: directory.binding, only: 'queries', log })
    const cache = new ServiceCache(this.name, this.#options.cache)
    this.caches.set(' by hand', cache.group)
    return { name: this.name, log, reading, cache, now: () => new Date(), calls, queries, load }
  }

  #cached(operation: AnyOperation): Cached | undefined {
    const { facts, cache } = this.#options
    const policy = facts.policies[operation.name]?.cache
    // what is never kept would only wait for others that ask the same
    if (!policy || lifeOf(lifetimesOf(policy)) === 0) return undefined
    const group = new CacheGroup()
    this.caches.set(`.${operation.name}`, group)
    return cachedQuery({ operation, policy, cache, group, sources: [this.name, ...Object.keys(facts.uses)] })
  }

  #makeOperations(log: Log): ReadonlyMap<string, LocalOperation> {
    const { facts, database, limits } = this.#options
    return new Map(
      operationsOf(facts.contract).map((operation) => {
        const handler = facts.handlers[operation.name]! as (input: unknown, context: unknown) => unknown
        const run =
          operation.kind === 'query'
            ? runQuery(this.#host, operation, handler, this.#freshness)
            : runCommand({ host: this.#host, operation, handler, transactions: this.#transactions, database, freshness: this.#freshness })
        const hooks: Hooks = {
          fault: (error, { traceparent }) => log.error(`${this.name}.${operation.name} failed`, { error, traceparent }),
          refused: (why, envelope) => this.#refusals.note(operation.name, why, envelope),
        }
        const policy = facts.policies[operation.name] ?? {}
        return [operation.name, localOperation({ operation, policy, handle: run, cached: this.#cached(operation), limits: limits(operation), hooks })] as const
      }),
    )
  }
}
