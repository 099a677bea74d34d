import { systemClock } from '../kernel/clock.ts'
import type { Subscription, SubscriptionOptions } from './subscription.ts'
import { Runner } from './subscription-runner.ts'

/**
 * Runs a subscription: takes its share of the partitions, reads the feed for them and hands the events over, in order within a
 * partition, side by side across partitions.
 */
export async function subscribe(options: SubscriptionOptions): Promise<Subscription> {
  const batch = options.handler.kind === 'batch'
  const runner = new Runner({
    concurrency: batch ? 1 : 16,
    batchSize: 200,
    prefetch: batch ? 1_000 : 256,
    attempts: 5,
    backoff: { baseMs: 50, capMs: 30_000 },
    checkpointMs: 500,
    waitMs: 15_000,
    drainMs: 8_000,
    clock: systemClock,
    ...options,
  })
  await runner.start()
  return runner
}
