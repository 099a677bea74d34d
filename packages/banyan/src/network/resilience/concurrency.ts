export interface ConcurrencyOptions {
  /** Bounds of the limit, and where it begins; 20, 200 and 50 unless said. */
  readonly minimum?: number
  readonly maximum?: number
  readonly initial?: number
  /** How much slower than usual calls may be before the limit falls; 1.5 times unless said. */
  readonly tolerance?: number
  /** Monotonic milliseconds. */
  readonly now?: () => number
}

export interface ConcurrencyLimit {
  /** Calls that may be under way at once. */
  limit(): number
  /** Counts a call that took `ms` and ended at `at` or now, while `inFlight` were under way, itself included; `failed`: it was refused or late. */
  record(ms: number, inFlight: number, failed: boolean, at?: number): void
}

const LONG_WINDOW = 600
const WARM_UP = 10
const SMOOTHING = 0.2
/** Calls that may wait at the callee without harm: how the limit grows while nothing slows. */
const QUEUE = 4
/** A decision is made on the mean of at least so many calls over at least so long. */
const SAMPLE_CALLS = 10
const SAMPLE_MS = 100
const BACK_OFF = 0.9

/**
 * Finds how many calls a callee can bear from how their time changes: while calls take what they usually take, the limit grows; when they
 * slow it falls by the ratio, before the callee breaks. Calls that fail lower it as well. (Netflix concurrency-limits, Gradient2)
 */
export function concurrencyLimit({
  minimum = 20,
  maximum = 200,
  initial = 50,
  tolerance = 1.5,
  now = () => performance.now(),
}: ConcurrencyOptions = {}): ConcurrencyLimit {
  let limit = Math.min(maximum, Math.max(minimum, initial))
  let usual = 0
  let decisions = 0
  let since = now()
  let sum = 0
  let count = 0
  let most = 0
  let failures = 0

  function learn(ms: number): void {
    decisions++
    usual += (ms - usual) * (decisions <= WARM_UP ? 1 / decisions : 2 / (LONG_WINDOW + 1))
    // after a slow spell the usual time is too long for a long while: come down faster
    if (usual > 2 * ms) usual *= 0.95
  }
  function decide(): void {
    if (failures > 0) {
      limit = Math.max(minimum, limit * BACK_OFF)
      return
    }
    const ms = sum / count
    learn(ms)
    if (most < limit / 2) return
    const gradient = Math.min(1, Math.max(0.5, (tolerance * usual) / Math.max(ms, Number.MIN_VALUE)))
    const next = limit * (1 - SMOOTHING) + SMOOTHING * (limit * gradient + QUEUE)
    limit = Math.min(maximum, Math.max(minimum, next))
  }

  return {
    limit: () => Math.floor(limit),
    record(ms, inFlight, failed, at = now()) {
      sum += ms
      if (inFlight > most) most = inFlight
      if (failed) failures++
      if (++count < SAMPLE_CALLS) return
      if (at - since < SAMPLE_MS) return
      decide()
      since = at
      sum = count = most = failures = 0
    },
  }
}
