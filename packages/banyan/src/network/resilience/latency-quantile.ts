const KEPT = 128
const REFRESH = 32

export interface LatencyQuantile {
  /** Counts a call that took `ms`. */
  add(ms: number): void
  /** The quantile of the last calls; `undefined` until there are enough to tell. */
  readonly value: number | undefined
}

/** A quantile of the last 128 times, sorted anew every 32, so that one time costs little to count. `q` from 0 to 1. */
export function latencyQuantile(q: number): LatencyQuantile {
  const times = new Float64Array(KEPT)
  let count = 0
  let value: number | undefined
  return {
    add(ms) {
      times[count++ % KEPT] = ms
      if (count % REFRESH !== 0) return
      const sorted = times.slice(0, Math.min(count, KEPT)).sort()
      value = sorted[Math.floor(q * (sorted.length - 1))]
    },
    get value() {
      return value
    },
  }
}
