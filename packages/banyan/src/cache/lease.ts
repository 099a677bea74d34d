import type { Clock } from '../kernel/clock.ts'
import { messageOf } from '../kernel/errors.ts'
import type { Log } from '../model/context.ts'
import type { SharedTier } from './shared-tier.ts'

/** Between extensions of a lease, in milliseconds: a third of the shortest lease. */
const EXTEND_MS = 600

/** Extends a lease until it is disposed of, so that a load may take as long as it takes. */
export function keepLease(
  tier: Pick<SharedTier, 'extend'>,
  { key, lease, clock, log }: { key: string; lease: string; clock: Pick<Clock, 'wait'>; log: Log },
): Disposable {
  const ended = new AbortController()
  void extending()
  return { [Symbol.dispose]: () => ended.abort() }

  async function extending(): Promise<void> {
    for (;;) {
      await clock.wait(EXTEND_MS, ended.signal)
      if (ended.signal.aborted) return
      try {
        await tier.extend(key, lease)
      } catch (error) {
        // at worst another process loads the same
        log.debug('a lease could not be extended', { key, reason: messageOf(error) })
      }
    }
  }
}
