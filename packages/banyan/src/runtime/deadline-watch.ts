import { BanyanError } from '../kernel/errors.ts'
import type { Deadline } from '../kernel/deadline.ts'

interface Waiting {
  readonly deadline: Deadline
  readonly what: string
  readonly reject: (error: unknown) => void
}

const TICK_MS = 10
const waiting = new Set<Waiting>()
let timer: NodeJS.Timeout | undefined

/**
 * `work`'s result, or `deadline_exceeded` once the deadline has passed, at most 10 ms late. One timer for all calls of the process: a
 * timer for each costs more than the call.
 */
export function watched<T>(work: Promise<T>, deadline: Deadline, what: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const entry: Waiting = { deadline, what, reject }
    waiting.add(entry)
    timer ??= setInterval(sweep, TICK_MS).unref()
    work.then(
      (value) => {
        waiting.delete(entry)
        resolve(value)
      },
      (error: unknown) => {
        waiting.delete(entry)
        reject(error)
      },
    )
  })
}

function sweep(): void {
  const now = performance.now()
  for (const entry of waiting) {
    if (entry.deadline.at > now) continue
    waiting.delete(entry)
    entry.reject(new BanyanError('deadline_exceeded', `${entry.what} gave no answer in the time allowed`, { executed: 'maybe' }))
  }
  if (waiting.size > 0) return
  clearInterval(timer)
  timer = undefined
}
