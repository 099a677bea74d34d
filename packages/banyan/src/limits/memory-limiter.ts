import { systemClock, type Clock } from '../kernel/clock.ts'
import type { Algorithm, State } from './algorithm.ts'
import type { Limiter, Taken } from './decision.ts'

export interface MemoryOptions {
  readonly clock?: Pick<Clock, 'monotonic'>
  /** Keys remembered at most; 100,000 unless said, about 20 MB. */
  readonly keys?: number
}

interface Entry {
  state: State
  /** The tick from which it may spend everything, so that it need not be remembered. */
  until: number
}

/** Entries looked at whenever a key is new: more than one, so that those that are over go faster than others come. */
const LOOKS = 2
/** Of so many of the oldest the one goes that is nearest to full, when all places are taken. */
const CANDIDATES = 8

/**
 * A limit in the memory of this process, on a monotonic clock. Keys that may spend everything again are forgotten; when there are too many
 * others, one of the oldest is forgotten that has the least to wait, and may spend everything at once. Decides synchronously.
 */
export class MemoryLimiter implements Limiter {
  readonly #algorithm: Algorithm
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #most: number
  readonly #entries = new Map<string, Entry>()

  constructor(algorithm: Algorithm, { clock = systemClock, keys = 100_000 }: MemoryOptions = {}) {
    this.#algorithm = algorithm
    this.#clock = clock
    this.#most = keys
  }

  /** Keys remembered. */
  get size(): number {
    return this.#entries.size
  }

  take(key: string, cost: number): Taken {
    const { tickUs, limit } = this.#algorithm
    const now = Math.floor(Math.round(this.#clock.monotonic() * 1_000) / tickUs)
    const entry = this.#entries.get(key)
    const { admitted, remaining, reset, retry, state } = this.#algorithm.find(entry?.state, now, cost)
    if (admitted) this.#keep(key, entry, state!, now, reset)
    const [resetMs, retryMs] = [(reset * tickUs) / 1_000, (retry * tickUs) / 1_000]
    if (!admitted) return { admitted, limit, remaining, resetMs, retryMs }
    return { admitted, limit, remaining, resetMs, retryMs, giveBack: () => this.take(key, -cost) }
  }

  #keep(key: string, entry: Entry | undefined, state: State, now: number, reset: number): void {
    if (entry) {
      entry.state = state
      entry.until = now + reset
      return
    }
    if (reset <= 0) return
    this.#tidy(now)
    this.#entries.set(key, { state, until: now + reset })
  }

  #tidy(now: number): void {
    let looks = 0
    for (const [key, entry] of this.#entries) {
      if (looks++ === LOOKS) break
      this.#entries.delete(key)
      if (entry.until > now) this.#entries.set(key, entry)
    }
    if (this.#entries.size >= this.#most) this.#evict()
  }

  #evict(): void {
    let fullest: [string, Entry] | undefined
    let seen = 0
    for (const candidate of this.#entries) {
      if (!fullest || candidate[1].until < fullest[1].until) fullest = candidate
      if (++seen === CANDIDATES) break
    }
    if (fullest) this.#entries.delete(fullest[0])
  }
}
