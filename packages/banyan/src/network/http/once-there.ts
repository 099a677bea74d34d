import type { Awaitable } from '../../model/schema.ts'

/** What follows from a value: at once where it is there, and otherwise when it comes. A promise takes longer than what most requests wait for. */
export function onceThere<T, Next>(value: Awaitable<T>, follows: (value: T) => Awaitable<Next>): Awaitable<Next> {
  return value instanceof Promise ? value.then(follows) : follows(value)
}
