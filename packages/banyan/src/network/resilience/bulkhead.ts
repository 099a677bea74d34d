import type { Deadline } from '../../kernel/deadline.ts'
import { BanyanError } from '../../kernel/errors.ts'

export interface BulkheadOptions {
  /** What it protects, for messages. */
  readonly name: string
  /** Calls at once; a function where it adapts, read at every call. */
  readonly limit: number | (() => number)
  /** Calls that may wait for a place; as many as the limit unless said. */
  readonly queue?: number
}

export interface BulkheadStatus {
  readonly running: number
  readonly waiting: number
  readonly limit: number
  /** Calls refused since the start. */
  readonly refused: number
}

export interface BulkheadCall {
  readonly deadline: Deadline
  readonly signal?: AbortSignal | undefined
}

export interface Bulkhead {
  /**
   * Takes a place: at once (`undefined`, without a promise), or when one is left, in the order of asking. Throws `overloaded` when the
   * queue is full (`details.retryAfterMs` estimates when there is room), `deadline_exceeded` or `cancelled` when that comes first; always
   * `executed: 'no'`. Every place taken must be left.
   */
  enter(call: BulkheadCall): Promise<void> | undefined
  /** Leaves a place after a call that took `ms`. */
  leave(ms: number): void
  /** Places taken. */
  readonly running: number
  status(): BulkheadStatus
}

/** Weight of the newest call in the mean time of calls. */
const NEWEST = 0.1
const FIRST_MEAN_MS = 30

/** Keeps one slow callee from taking everything its caller has: at most so many calls at once, and few that wait. (Nygard, "Release It!", Bulkheads) */
export function bulkhead({ name, limit, queue }: BulkheadOptions): Bulkhead {
  const most = typeof limit === 'number' ? () => limit : limit
  const waiting = new Set<() => void>()
  let running = 0
  let refused = 0
  let meanMs = FIRST_MEAN_MS

  function refuse(allowed: number): never {
    refused++
    const retryAfterMs = Math.ceil((meanMs * (waiting.size + 1)) / allowed)
    const text = `${name}: ${running} calls are under way and ${waiting.size} wait already; try again in ${retryAfterMs} ms`
    throw new BanyanError('overloaded', text, { details: { retryAfterMs }, executed: 'no' })
  }

  function queued({ deadline, signal }: BulkheadCall): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', given)
        waiting.delete(admitted)
      }
      const admitted = () => {
        settle()
        resolve()
      }
      const given = () => {
        settle()
        reject(gaveUp(name))
      }
      const timer = setTimeout(() => {
        settle()
        reject(new BanyanError('deadline_exceeded', `${name}: the time ran out while waiting for one of ${most()} places`, { executed: 'no' }))
      }, deadline.left())
      signal?.addEventListener('abort', given, { once: true })
      waiting.add(admitted)
    })
  }

  function admitWaiting(): void {
    if (waiting.size === 0) return
    const allowed = most()
    for (const admitted of waiting) {
      if (running >= allowed) return
      running++
      admitted()
    }
  }

  return {
    enter(call) {
      const allowed = most()
      if (running < allowed && waiting.size === 0) {
        running++
        return undefined
      }
      call.deadline.check(name)
      if (waiting.size >= (queue ?? allowed)) refuse(allowed)
      // only now, since an envelope makes its signal when asked for it
      if (call.signal?.aborted) throw gaveUp(name)
      return queued(call)
    },
    leave(ms) {
      running--
      meanMs += NEWEST * (ms - meanMs)
      admitWaiting()
    },
    get running() {
      return running
    },
    status: () => ({ running, waiting: waiting.size, limit: most(), refused }),
  }
}

function gaveUp(name: string): BanyanError {
  return new BanyanError('cancelled', `${name}: the caller gave up while waiting for a place`, { executed: 'no' })
}
