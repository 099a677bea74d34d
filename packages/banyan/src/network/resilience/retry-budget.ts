const SLOTS = 10
const SLOT_MS = 1_000
/** What a retry costs where a request brings 1: at most one retry for five requests. */
const RETRY_COST = 5
const RESERVE_PER_SECOND = 10

/**
 * Bounds retries by what was sent: in any 10 s at most a fifth of the requests, and 10 a second besides, so that few requests may be
 * retried too. A struggling callee is thus never sent much more than its callers' own load. (tower, `retry::budget::TpsBudget`)
 */
export class RetryBudget {
  readonly #now: () => number
  readonly #slots: number[] = Array.from({ length: SLOTS }, () => 0)
  #slot = 0

  /** `now`: monotonic milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
    this.#slot = Math.floor(now() / SLOT_MS)
  }

  /** Counts a request made at `at`; now unless said. */
  deposit(at: number = this.#now()): void {
    this.#current(1, at)
  }

  /** Whether a retry is allowed now; if so, it is paid for. */
  withdraw(): boolean {
    if (this.left() < 1) return false
    this.#current(-RETRY_COST)
    return true
  }

  /** The retries that are allowed now. */
  left(): number {
    this.#current(0)
    const saved = this.#slots.reduce((sum, amount) => sum + amount, 0)
    return Math.floor(saved / RETRY_COST) + RESERVE_PER_SECOND * SLOTS
  }

  #current(change: number, at: number = this.#now()): void {
    const slot = Math.floor(at / SLOT_MS)
    for (let passed = Math.max(this.#slot + 1, slot - SLOTS + 1); passed <= slot; passed++) this.#slots[passed % SLOTS] = 0
    this.#slot = slot
    this.#slots[slot % SLOTS]! += change
  }
}
