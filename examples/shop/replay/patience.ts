import { setTimeout as wait } from 'node:timers/promises'

const [LEAST_MS, MOST_MS] = [5, 1_000]

/**
 * Looks for something until it is there, at intervals that follow from how long it took before: a fast shop is not kept waiting, and a slow
 * one is not kept from its work by questions.
 */
export class Patience {
  readonly #stop: AbortSignal
  /** A moving average. */
  #usualMs = 0

  constructor(stop: AbortSignal) {
    this.#stop = stop
  }

  /** Milliseconds before the first look; nothing, where it mostly is there at once. */
  get firstMs(): number {
    const quarter = Math.min(MOST_MS, this.#usualMs / 4)
    return quarter < LEAST_MS ? 0 : quarter
  }

  async until<T>(look: () => Promise<T | undefined>): Promise<T> {
    const began = performance.now()
    for (let ms = this.firstMs; ; ms = Math.min(MOST_MS, Math.max(LEAST_MS, ms * 1.5))) {
      if (ms > 0) await wait(ms, undefined, { signal: this.#stop })
      const found = await look()
      if (found === undefined) continue
      this.took(performance.now() - began)
      return found
    }
  }

  /** Notes how long something took. */
  took(ms: number): void {
    this.#usualMs += (ms - this.#usualMs) / 8
  }
}
