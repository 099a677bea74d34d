import { BanyanError } from '../../kernel/errors.ts'

const answered = new WeakSet<object>()

/** Marks what the other side said, as opposed to a failure of the hop to it. */
export function markAnswered(error: object): void {
  answered.add(error)
}

/** Whether a request was lost on the hop next to the caller: only then is it this caller's to repeat, or retries would multiply along a chain. */
export function isLost(error: unknown): boolean {
  return BanyanError.is(error, 'unavailable') && !answered.has(error)
}

/** Whether the callee refused because it is leaving, before it did anything: another instance can serve the request. */
export function isLeaving(error: unknown): boolean {
  return BanyanError.is(error, 'draining') && error.executed === 'no'
}

const turnedAway = new WeakSet<object>()

/** Marks what the next unit said at its door: it has too much to do, and has not begun. */
export function markTurnedAway(error: object): void {
  turnedAway.add(error)
}

/** Whether another instance may take what this one has not even begun. Known on the hop next to the caller only, as with what is lost. */
export function isTurnedAway(error: unknown): boolean {
  return typeof error === 'object' && error !== null && turnedAway.has(error)
}

/** The error, not claiming that nothing happened where an earlier attempt may have got through. */
export function withDoubt(error: unknown, maybe: boolean): unknown {
  if (!maybe || !BanyanError.is(error) || error.executed === 'maybe') return error
  const doubtful = new BanyanError(error.code, error.message, { details: error.details, executed: 'maybe', cause: error })
  if (answered.has(error)) answered.add(doubtful)
  return doubtful
}
