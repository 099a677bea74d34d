import { BanyanError } from '../kernel/errors.ts'
import type { Deadline } from '../kernel/deadline.ts'

const TICK_MS = 10
let timer: NodeJS.Timeout | undefined

/** A call under way: a link in the list of all of them, because a set takes as long as all the rest of the watching. */
class Waiting {
  readonly deadline: Deadline
  readonly what: string
  readonly reject: (error: unknown) => void
  next: Waiting | undefined
  previous: Waiting | undefined

  constructor(deadline: Deadline, what: string, reject: (error: unknown) => void) {
    this.deadline = deadline
    this.what = what
    this.reject = reject
    this.next = first
    if (first) first.previous = this
    first = this
  }

  /** Takes it out of the list; harmless when done before. */
  end(): void {
    if (this.next) this.next.previous = this.previous
    if (this.previous) this.previous.next = this.next
    else if (first === this) first = this.next
    this.next = this.previous = undefined
  }
}
let first: Waiting | undefined

/**
 * `work`'s result, or `deadline_exceeded` once the deadline has passed, at most 10 ms late. One timer for all calls of the process: a
 * timer for each costs more than the call.
 */
export function watched<T>(work: Promise<T>, deadline: Deadline, what: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const waiting = new Waiting(deadline, what, reject)
    timer ??= setInterval(sweep, TICK_MS).unref()
    work.then(
      (value) => {
        waiting.end()
        resolve(value)
      },
      (error: unknown) => {
        waiting.end()
        reject(error)
      },
    )
  })
}

function sweep(): void {
  const now = performance.now()
  for (let waiting = first, next; waiting; waiting = next) {
    next = waiting.next
    if (waiting.deadline.at > now) continue
    waiting.end()
    waiting.reject(new BanyanError('deadline_exceeded', `${waiting.what} gave no answer in the time allowed`, { executed: 'maybe' }))
  }
  if (first) return
  clearInterval(timer)
  timer = undefined
}
