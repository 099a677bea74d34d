import { fullJitter } from '../../kernel/backoff.ts'
import { systemClock } from '../../kernel/clock.ts'
import type { Deadline } from '../../kernel/deadline.ts'

const BACKOFF = { baseMs: 40, capMs: 500 }

/** Waits before the attempt after number `attempt`, with full jitter; false when there is no time for one or the caller gave up. */
export async function backoff(attempt: number, { deadline, signal }: { deadline: Deadline; signal?: AbortSignal | undefined }): Promise<boolean> {
  const ms = fullJitter(BACKOFF, attempt)
  if (deadline.left() <= ms) return false
  await systemClock.wait(ms, signal)
  return signal?.aborted !== true
}
