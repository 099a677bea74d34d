import type { Chaos } from './chaos.ts'
import { dice } from './dice.ts'
import { isTimelessId } from './id.ts'

/** What is to happen to one attempt at a call. */
export interface Fate {
  readonly delayMs: number
  readonly error: boolean
  /** What is lost on the way. */
  readonly lost: 'request' | 'answer' | undefined
  /** Whether it is delivered twice, and how. */
  readonly twice: 'in turn' | 'at once' | undefined
  readonly crash: 'before' | 'after' | undefined
}

/** The attempts at one call. */
export interface Call {
  readonly operation: string
  /** What tells it from other calls of the operation, in this run and in the next. */
  readonly id: string
  attempt: number
}

/**
 * Decides what happens to calls, each by a hash of the seed, the operation, the call and the attempt: not by a stream of random numbers, in
 * which each call would shift the fates of all that come after it. A call is known by its idempotency key where somebody chose the key: then
 * its fate is the same in every run, whatever else goes on. Other keys are new in each run, so there it is the number of the call among
 * those of its operation, and only calls of one operation at the same time may change places.
 */
export class Fates {
  readonly chaos: Chaos
  readonly #counts = new Map<string, number>()

  constructor(chaos: Chaos) {
    this.chaos = chaos
  }

  /** A call of which nothing has been attempted. */
  begin(operation: string, key?: string): Call {
    const count = (this.#counts.get(operation) ?? 0) + 1
    this.#counts.set(operation, count)
    return { operation, id: key !== undefined && isTimelessId(key) ? key : String(count), attempt: 0 }
  }

  /** What happens to the next attempt at a call. */
  next(call: Call): Fate {
    const { seed, life = 1, latency, errors = 0, drops = 0, duplicates = 0, crashes = 0, repeats = true } = this.chaos
    call.attempt++
    const [delay, delayShare, error, drop, dropped, twice, manner, crash] = dice(seed, life, call.operation, call.id, call.attempt) as Eight
    const which = (share: number): 'first' | 'second' => (share < 0.5 ? 'first' : 'second')
    return {
      delayMs: latency !== undefined && delay < latency.rate ? delayShare * latency.ms : 0,
      error: error < errors,
      lost: drop < drops && (repeats || call.attempt === 1) ? ({ first: 'request', second: 'answer' } as const)[which(dropped)] : undefined,
      twice: twice < duplicates ? ({ first: 'in turn', second: 'at once' } as const)[which(manner)] : undefined,
      // which half of the rate it fell into: the eight numbers are used up
      crash: crash < crashes ? ({ first: 'before', second: 'after' } as const)[which(crash / crashes)] : undefined,
    }
  }
}

type Eight = readonly [number, number, number, number, number, number, number, number]
