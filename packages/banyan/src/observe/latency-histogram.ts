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

  clear(): void {
    this.#counts.fill(0)
    this.#total = 0
  }

  get count(): number {
    return this.#total
  }

  /** The upper bound of the bucket in which the quantile of these times and another's lies, in milliseconds; 0 of no times. */
  quantile(q: number, other?: LatencyHistogram): number {
    const total = this.#total + (other?.count ?? 0)
    if (total === 0) return 0
    const rank = Math.max(1, Math.ceil(q * total))
    let seen = 0
    let bucket = -1
    while (seen < rank) {
      bucket++
      seen += this.#counts[bucket]! + (other ? other.#counts[bucket]! : 0)
    }
    return 2 ** ((bucket + 1) / STEPS) / 1_000
  }
}
