import { BanyanError, type ErrorCode } from '../kernel/errors.ts'
import type { AnyOperation } from '../model/operation.ts'

/** How calls fail on their way, whoever is asked: nobody is there, nobody in time, or nobody has room. */
const reasons: ReadonlySet<ErrorCode> = new Set(['unavailable', 'deadline_exceeded', 'overloaded', 'draining'])

/** What may stand among the options of a call, as far as a fallback goes. */
export interface WithFallback {
  readonly fallback?: unknown
}

/**
 * The answer of a call, or what stands in for it when the call fails for a reason of the way; `used` is told the failure then. Throws
 * `invalid_input` for a fallback of a command, where the types were not heeded.
 */
export function orFallback(
  operation: AnyOperation,
  options: WithFallback | undefined,
  call: () => Promise<unknown>,
  used?: (error: BanyanError) => void,
): Promise<unknown> {
  if (options?.fallback === undefined) return call()
  if (operation.kind === 'command') return Promise.reject(notOfCommands(operation))
  const { fallback } = options
  return call().catch((error: unknown) => {
    if (!BanyanError.is(error) || !reasons.has(error.code)) throw error
    used?.(error)
    return typeof fallback === 'function' ? (fallback as (error: BanyanError) => unknown)(error) : fallback
  })
}

function notOfCommands({ service, name }: AnyOperation): BanyanError {
  return new BanyanError(
    'invalid_input',
    `${service}.${name} is a command and was called with a fallback; it may have been executed, so look at the failure: call ${service}.${name}.result`,
  )
}
