import type pg from 'pg'
import { partitionLeases, type LeasesOptions } from '../../src/events/leases.ts'
import { logFeed, WatchedLog } from '../../src/events/log-feed.ts'
import { eventLog } from '../../src/events/log.ts'
import { subscribe } from '../../src/events/subscribe.ts'
import type { SubscriptionHandler } from '../../src/events/subscription-handler.ts'
import type { Subscription, SubscriptionOptions } from '../../src/events/subscription.ts'
import { Deadline } from '../../src/kernel/deadline.ts'

export interface Running extends Subscription {
  readonly log: WatchedLog
  /** Waits until everything in the log is dealt with. */
  quiet(): Promise<void>
}

export interface RunningOptions extends Partial<Omit<SubscriptionOptions, 'log'>> {
  readonly beats?: Partial<LeasesOptions>
  readonly log?: WatchedLog
}

/** The name under which tests subscribe to the log of their own database. */
export const source = 'orders'

/** Runs a subscription to the log of the same database, alone in its process: with leases and a log of its own, in a hurry. */
export async function run(pool: pg.Pool, subscription: string, handler: SubscriptionHandler, options: RunningOptions = {}): Promise<Running> {
  const { beats, log = new WatchedLog(eventLog(pool), { pollMs: 20 }), ...rest } = options
  const leases = partitionLeases({ sql: pool, ...beats })
  const defaults = { backoff: { baseMs: 1, capMs: 5 }, checkpointMs: 10, concurrency: 2 }
  const running = await subscribe({ ...defaults, subscription, source, handler, leases, feed: logFeed(log), sql: pool, ...rest })
  return {
    subscription,
    source,
    log,
    status: () => running.status(),
    caughtUp: (positions, deadline, signal) => running.caughtUp(positions, deadline, signal),
    quiet: async () => running.caughtUp((await eventLog(pool).heads()).positions, Deadline.in(25_000)),
    async [Symbol.asyncDispose]() {
      await running[Symbol.asyncDispose]()
      await leases[Symbol.asyncDispose]()
    },
  }
}
