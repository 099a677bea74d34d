import { BanyanError } from '../../kernel/errors.ts'

/** How a call ended, as far as it tells of the callee's health. */
export type Outcome = 'success' | 'failure' | 'abandoned'

/**
 * What an error tells of the callee: only that it cannot be reached, is late or has too much to do is its `failure`. A declared error, a
 * refusal or bad input is an answer like any other, and so a `success`; a caller that gave up learnt nothing.
 */
export function outcomeOf(error: unknown): Outcome {
  if (!BanyanError.is(error)) return 'success'
  if (error.code === 'unavailable' || error.code === 'deadline_exceeded' || error.code === 'overloaded' || error.code === 'draining') return 'failure'
  return error.code === 'cancelled' ? 'abandoned' : 'success'
}
