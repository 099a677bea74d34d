/** What an algorithm remembers of a key: a few whole numbers below 2^53. Nothing is remembered of a key that may spend everything. */
export type State = readonly number[]

/** What an algorithm finds, in ticks of its own. `retry` is infinite where the cost is above what the limit ever has. */
export interface Finding {
  readonly admitted: boolean
  readonly remaining: number
  readonly reset: number
  readonly retry: number
  /** What is to be remembered for `reset` ticks; that of before where nothing was spent. */
  readonly state: State | undefined
}

/**
 * One way to limit a rate: arithmetic on whole numbers, once in TypeScript and once in Lua for Redis. For the same times and costs both give
 * the same findings, which a test holds them to.
 */
export interface Algorithm {
  /** Names the arithmetic with its numbers: states of one signature can be read by another limiter of the same. */
  readonly signature: string
  /** The most that may be spent at once. */
  readonly limit: number
  /** In which the limit is spent at most once over and above what it gains. */
  readonly windowMs: number
  readonly tickUs: number
  /** `now` is in ticks of any origin. Times before those seen count as the last one seen. A negative cost gives back. */
  find(state: State | undefined, now: number, cost: number): Finding
  /**
   * The same, over `s` (the text of the state, or false), `now`, `cost` and `cap`, and `arg(n)` for what `numbers` says. Ends with
   * `return answer(admitted, remaining, reset, retry, state)`, where `retry` is -1 for never and `state` nil for as before.
   */
  readonly lua: string
  readonly numbers: readonly number[]
}
