import { systemClock, type Clock } from '../kernel/clock.ts'

/** A reason of its own: making one for each, with a stack that nobody reads, was the costliest part of a wake-up. */
const WOKEN = 'woken'

/**
 * A hint that there may be something new. It is only a hint: whoever waits also looks again by itself after a while, so a lost one costs
 * time, never an event. Read `count` before looking and hand it to `after`: then no wake-up in between is missed.
 */
export class Wakeup {
  #count = 0
  readonly #waiting = new Set<() => void>()

  /** How often it was woken. */
  get count(): number {
    return this.#count
  }

  wake(): void {
    this.#count++
    for (const wake of this.#waiting) wake()
  }

  /** Resolves when woken since `seen`, after `ms` milliseconds, or when `signal` aborts, whichever is first; never rejects. */
  async after(seen: number, ms: number, signal?: AbortSignal, clock: Clock = systemClock): Promise<void> {
    if (this.#count !== seen || signal?.aborted) return
    const woken = new AbortController()
    const wake = () => woken.abort(WOKEN)
    this.#waiting.add(wake)
    signal?.addEventListener('abort', wake, { once: true })
    try {
      await clock.wait(ms, woken.signal)
    } finally {
      this.#waiting.delete(wake)
      signal?.removeEventListener('abort', wake)
    }
  }
}
