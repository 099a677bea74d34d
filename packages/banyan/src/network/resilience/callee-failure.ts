import { BanyanError } from '../../kernel/errors.ts'
import { isLost } from './lost.ts'

/** How a call ended, as far as it tells of the callee's health. */
export type Outcome = 'success' | 'failure' | 'abandoned'

/**
 * What an error tells of the callee: only that it cannot be reached, is late or has too much to do is its `failure`. A declared error, a
 * refusal or bad input is an answer like any other, and so a `success`; also that something further on cannot be reached, which is no
 * reason to leave who says so. A caller that gave up learnt nothing.
 */
export function outcomeOf(error: unknown): Outcome {
  if (!BanyanError.is(error)) return 'success'
  if (error.code === 'unavailable') return isLost(error) ? 'failure' : 'success'
  if (error.code === 'deadline_exceeded' || error.code === 'overloaded' || error.code === 'draining') return 'failure'
  return error.code === 'cancelled' ? 'abandoned' : 'success'
}
