import type { Awaitable } from '../model/schema.ts'

/** What a limit says of one request. Times are milliseconds from the decision on. */
export interface Decision {
  readonly admitted: boolean
  /** The most that may be spent at once, in units of cost. */
  readonly limit: number
  /** What may be spent now, this request paid for if it was admitted. A whole number. */
  readonly remaining: number
  /** Until everything may be spent again, if nothing more is. */
  readonly resetMs: number
  /** Until a request of this cost can be admitted; 0 where it was; infinite where it costs more than the limit ever has. */
  readonly retryMs: number
}

/** A limit with a count for each key. Where it is kept decides who shares it: a process its memory, a cluster its Redis. */
export interface Limiter {
  /**
   * Decides on a request and spends its cost when it is admitted; a refused request costs nothing. Decisions on one key are atomic. `cost` is a
   * whole number from 0. Throws `unavailable` where the limit is kept elsewhere and cannot be asked.
   */
  take(key: string, cost: number): Awaitable<Taken>
}

/** A decision that can be undone. */
export interface Taken extends Decision {
  /**
   * Gives back what was spent: because another limit refuses, or, of limits on what goes on at once, because it is over. Once at most. Answers
   * what there is then, where that is known.
   */
  giveBack?(): Awaitable<Left | undefined>
}

/** What a limit has left. */
export type Left = Pick<Decision, 'remaining' | 'resetMs'>
