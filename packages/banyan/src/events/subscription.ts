import type { Clock } from '../kernel/clock.ts'
import type { Deadline } from '../kernel/deadline.ts'
import type { Log } from '../model/context.ts'
import type { Sql } from '../store/sql.ts'
import type { Backoff } from '../kernel/backoff.ts'
import type { SubscriptionKey } from './checkpoint.ts'
import type { Feed, Positions } from './feed.ts'
import type { Leases } from './leases.ts'
import type { Failure } from './parked.ts'
import type { SubscriptionHandler } from './subscription-handler.ts'

export interface SubscriptionOptions extends SubscriptionKey {
  readonly feed: Feed
  /** The event types that the handler wants; omitted: all. */
  readonly types?: readonly string[]
  readonly handler: SubscriptionHandler
  /** The consumer's own database. */
  readonly sql: Sql
  readonly leases: Leases
  /** How many partitions, or batches of several, are handled at once: 16 unless said, 1 for batches. */
  readonly concurrency?: number
  /** Most events of one batch; 200 unless said. */
  readonly batchSize?: number
  /** Most events of one read, and so a bound for what is held in memory; 256 unless said, 1,000 for batches. */
  readonly prefetch?: number
  /** After how many failed attempts an event is parked whose error will not go away by itself; 5 unless said. */
  readonly attempts?: number
  /** Between attempts, in milliseconds; 50 doubling up to 30,000 unless said. */
  readonly backoff?: Backoff
  /** How long checkpoints may lag behind events without effects, in milliseconds; 500 unless said. One write moves all. */
  readonly checkpointMs?: number
  /** Longest wait of one read, in milliseconds; 15,000 unless said. */
  readonly waitMs?: number
  /** How long handlers may finish what they are at when it is disposed of, in milliseconds; 8,000 unless said: less than a lease. */
  readonly drainMs?: number
  readonly clock?: Clock
  readonly log?: Log
}

export interface PartitionStatus {
  readonly partition: number
  readonly epoch: number
  /** Everything up to here is dealt with. */
  readonly position: number
  /** Where the log ended when it was last read. */
  readonly head: number
  /** Events read and not yet dealt with. */
  readonly queued: number
  /** Age in milliseconds of the oldest of them; 0 when there is none. */
  readonly behindMs: number
  /** Failed attempts at the event that holds the partition up. */
  readonly failures: number
  readonly error?: Failure
  /** Keys known to have parked events. */
  readonly parked: readonly string[]
}

export interface SubscriptionStatus extends SubscriptionKey {
  readonly incarnation?: string
  /** Why the feed cannot be read at the moment; `log_rewound` lasts until an operator resets the checkpoints. */
  readonly error?: Failure
  /** The partitions that this process owns. */
  readonly partitions: readonly PartitionStatus[]
}

/** A running subscription: this process's share of it. Disposing of it finishes what is begun and gives the partitions back. */
export interface Subscription extends AsyncDisposable, SubscriptionKey {
  status(): SubscriptionStatus
  /**
   * Resolves when the subscription, whichever replicas run it, has dealt with everything up to these positions: handled, filtered out or
   * parked. Throws `deadline_exceeded`, `cancelled` when `signal` aborts, and what
   * `sqlError` makes of a database that cannot say how far other replicas are.
   */
  caughtUp(positions: Positions, deadline: Deadline, signal?: AbortSignal): Promise<void>
}
