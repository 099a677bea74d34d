import { systemClock } from '../../kernel/clock.ts'
import type { Deadline } from '../../kernel/deadline.ts'

const BASE_MS = 20
const CAP_MS = 500

/** Waits before the attempt after number `attempt`, with full jitter; false when there is no time for one or the caller gave up. (AWS, exponential backoff and jitter) */
export async function backoff(attempt: number, { deadline, signal }: { deadline: Deadline; signal?: AbortSignal | undefined }): Promise<boolean> {
  const ms = Math.random() * Math.min(CAP_MS, BASE_MS * 2 ** attempt)
  if (deadline.left() <= ms) return false
  await systemClock.wait(ms, signal)
  return signal?.aborted !== true
}
