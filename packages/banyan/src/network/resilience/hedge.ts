import type { Deadline } from '../../kernel/deadline.ts'
import { BanyanError } from '../../kernel/errors.ts'
import { outcomeOf } from './callee-failure.ts'
import { latencyQuantile } from './latency-quantile.ts'
import { withDoubt } from './lost.ts'
import type { RetryBudget } from './retry-budget.ts'

export interface HedgeOptions {
  /** Shared with the retries: a hedge costs what a retry costs. */
  readonly budget: RetryBudget
  /** The share of calls that are answered before a second one begins; 0.95 unless said. */
  readonly quantile?: number
  /** The shortest wait before the second; 5 ms unless said. */
  readonly minimumMs?: number
  /** Monotonic milliseconds. */
  readonly now?: () => number
}

export interface HedgeStatus {
  readonly delayMs: number | undefined
  /** Second attempts begun, and those that won. */
  readonly hedged: number
  readonly won: number
}

export interface Hedge {
  /**
   * Runs `attempt(0)`, and `attempt(1)` beside it when the first is later than calls usually are, the budget allows it and time is left. The
   * second must go to another instance. The first that is answered wins, also with a declared error; the other's signal aborts. Fails with
   * the error of the first when both fail, `executed: 'maybe'` where either may have been executed. Only for what may run twice.
   */
  run<T>(attempt: (index: 0 | 1, signal: AbortSignal) => Promise<T>, call: { deadline: Deadline; signal?: AbortSignal | undefined }): Promise<T>
  status(): HedgeStatus
}

/** Hedged requests cut the tail that one slow instance makes. (Dean and Barroso, "The Tail at Scale"; gRPC A6) */
export function hedge({ budget, quantile = 0.95, minimumMs = 5, now = () => performance.now() }: HedgeOptions): Hedge {
  const times = latencyQuantile(quantile)
  let hedged = 0
  let won = 0
  const delay = () => (times.value === undefined ? undefined : Math.max(minimumMs, times.value))

  return {
    run(attempt, { deadline, signal }) {
      return new Promise((resolve, reject) => {
        const cancels = [new AbortController(), new AbortController()] as const
        const failures: unknown[] = []
        const began = [0, 0]
        let under = 0
        const settle = () => {
          clearTimeout(timer)
          signal?.removeEventListener('abort', abort)
          abort()
        }
        const abort = () => {
          for (const cancel of cancels) cancel.abort()
        }
        const begin = (index: 0 | 1) => {
          under++
          began[index] = now()
          attempt(index, cancels[index].signal).then(
            (value) => {
              const at = now()
              times.add(at - began[index]!)
              if (index === 1 && failures.length === 0) {
                won++
                times.add(at - began[0]!) // it took at least that long; without it the delay would shrink with every win
              }
              settle()
              resolve(value)
            },
            (error: unknown) => {
              failures[index] = error
              if (--under > 0 && outcomeOf(error) !== 'success') return
              settle()
              reject(outcomeOf(error) === 'success' ? error : bothFailed(failures))
            },
          )
        }
        const second = () => {
          if (signal?.aborted || !budget.withdraw()) return
          hedged++
          begin(1)
        }
        const ms = delay()
        const timer = ms === undefined || deadline.left() <= ms ? undefined : setTimeout(second, ms)
        if (signal?.aborted) abort()
        else signal?.addEventListener('abort', abort, { once: true })
        begin(0)
      })
    },
    status: () => ({ delayMs: delay(), hedged, won }),
  }
}

function bothFailed(failures: readonly unknown[]): unknown {
  const [first, second] = failures
  const maybe = failures.some((failure) => BanyanError.is(failure) && failure.executed === 'maybe')
  return withDoubt(first ?? second, maybe)
}
