import { BanyanError } from '../../kernel/errors.ts'
import type { Log } from '../../model/context.ts'
import { traceFields } from '../../observe/log.ts'
import { traceIdOf } from '../../observe/trace.ts'
import type { Exchange } from './exchange.ts'
import { PROBLEM_TYPE, RETRY_MS, toProblem } from './problem.ts'
import type { Reply } from './reply.ts'

/** What a request that failed is answered. */
export function problemReply(error: unknown, exchange: Exchange): Reply {
  const { to, operation, unavailable } = exchange.endpoint
  const problem = toProblem(error, { to, operation, unavailable, instance: exchange.target.path, traceId: traceIdOf(exchange.traceparent) })
  return { status: problem.status, type: PROBLEM_TYPE, body: JSON.stringify(problem), headers: problemHeaders(error, problem.status, exchange) }
}

function problemHeaders(error: unknown, status: number, { request }: Exchange): Record<string, string> {
  if (status === 503) return { 'retry-after': String(RETRY_MS / 1_000), ...(BanyanError.is(error) && retryFields(error)) }
  // RFC 6750 §3: the reason is only given to who has sent a token
  if (status === 401) return { 'www-authenticate': request.headers.authorization === undefined ? 'Bearer' : 'Bearer error="invalid_token"' }
  if (status === 405 && BanyanError.is(error)) return { allow: String(error.details['allow']) }
  if (status === 429 && BanyanError.is(error)) return retryFields(error)
  return {}
}

/** Whole seconds, rounded up, so that who comes back is not too early. */
function retryFields({ details: { retryAfterMs } }: BanyanError): Record<string, string> {
  return typeof retryAfterMs === 'number' ? { 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1_000))) } : {}
}

/** Logs a failure where it is not the caller's. */
export function logFailure(
  error: unknown,
  status: number,
  { traceparent, aborted, endpoint: { operation } }: Pick<Exchange, 'traceparent' | 'aborted' | 'endpoint'>,
  log: Log,
): void {
  const about = { ...traceFields(traceparent), service: operation?.service, operation: operation?.name, status, error }
  if (status === 500) log.error('a request failed', about)
  else if (status > 500 && !aborted) log.warn('a request could not be served', about)
}
