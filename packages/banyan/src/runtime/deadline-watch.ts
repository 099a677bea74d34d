import { BanyanError } from '../kernel/errors.ts'
import type { Deadline } from '../kernel/deadline.ts'

const TICK_MS = 10
let timer: NodeJS.Timeout | undefined

/**
 * A call under way: its answer is what it is ended with, or `deadline_exceeded` once the deadline has passed, at most 10 ms late. One timer
 * for all calls of the process: a timer for each costs more than the call. It is a link in the list of all of them, because a set takes as
 * long as all the rest of the watching.
 */
export class WatchedCall {
  readonly answer: Promise<unknown>
  readonly deadline: Deadline
  readonly what: string
  readonly #resolve: (value: unknown) => void
  readonly #reject: (error: unknown) => void
  next: WatchedCall | undefined
  #previous: WatchedCall | undefined

  constructor(deadline: Deadline, what: string) {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    this.answer = promise
    this.#resolve = resolve
    this.#reject = reject
    this.deadline = deadline
    this.what = what
    this.next = first
    this.#previous = undefined
    if (first) first.#previous = this
    first = this
    timer ??= setInterval(sweep, TICK_MS).unref()
  }

  /** Ends it with a value; harmless when ended before. */
  resolve(value: unknown): void {
    this.#leave()
    this.#resolve(value)
  }

  /** Ends it with an error; harmless when ended before. */
  reject(error: unknown): void {
    this.#leave()
    this.#reject(error)
  }

  #leave(): void {
    if (this.next) this.next.#previous = this.#previous
    if (this.#previous) this.#previous.next = this.next
    else if (first === this) first = this.next
    this.next = this.#previous = undefined
  }
}
let first: WatchedCall | undefined

function sweep(): void {
  const now = performance.now()
  for (let call = first, next; call; call = next) {
    next = call.next
    if (call.deadline.at > now) continue
    call.reject(new BanyanError('deadline_exceeded', `${call.what} gave no answer in the time allowed`, { executed: 'maybe' }))
  }
  if (first) return
  clearInterval(timer)
  timer = undefined
}
