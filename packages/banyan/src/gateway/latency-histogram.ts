/** Sixteen buckets for each doubling, so that a quantile is at most 7 % off; from 1 µs to about 70 minutes. */
const STEPS = 16
const DOUBLINGS = 32

/** Times in milliseconds, counted so that each costs the same and all of them stay small. (Prometheus native histograms) */
export class LatencyHistogram {
  readonly #counts = new Uint32Array(STEPS * DOUBLINGS)
  #total = 0

  add(ms: number): void {
    const bucket = Math.floor(Math.log2(Math.max(ms * 1_000, 1)) * STEPS)
    this.#counts[Math.min(bucket, STEPS * DOUBLINGS - 1)]!++
    this.#total++
  }

  get count(): number {
    return this.#total
  }

  /** The upper bound of the bucket in which the quantile lies, in milliseconds; 0 of no times. */
  quantile(q: number): number {
    const rank = Math.max(1, Math.ceil(q * this.#total))
    let seen = 0
    for (const [bucket, count] of this.#counts.entries()) {
      seen += count
      if (this.#total > 0 && seen >= rank) return 2 ** ((bucket + 1) / STEPS) / 1_000
    }
    return 0
  }
}
