import type { IncomingMessage, ServerResponse } from 'node:http'
import { BanyanError } from '../../kernel/errors.ts'
import type { Log } from '../../model/context.ts'
import { traceFields } from '../../observe/log.ts'
import { traceIdOf } from '../../observe/trace.ts'
import type { Endpoint, EndpointTable } from './endpoint.ts'
import { Exchange } from './exchange.ts'
import { PROBLEM_TYPE, toProblem } from './problem.ts'
import { write, type Reply } from './reply.ts'
import { requestFault } from './request-target.ts'
import type { RequestsInFlight } from './requests-in-flight.ts'
import type { PathParameters } from './routes.ts'

export interface DispatchContext {
  readonly table: EndpointTable
  readonly inFlight: RequestsInFlight
  /** Whether connections should end with their next answer. */
  leaving(): boolean
  readonly log: Log
}

/** Answers one request, whatever it is. */
export function dispatch(request: IncomingMessage, response: ServerResponse, context: DispatchContext): void {
  const exchange = new Exchange(request, response)
  context.inFlight.open(exchange)
  const fault = requestFault(request)
  if (fault !== undefined) return write(exchange, problemReply(new BanyanError('malformed_request', fault), exchange), true)
  const { path } = exchange.target
  const found = context.table.find(request.method!, path)
  if (typeof found === 'object') void run(found.endpoint, exchange, found.parameters, context)
  else write(exchange, unfound(exchange, context.table, found === 'malformed'), context.leaving())
}

async function run(endpoint: Endpoint, exchange: Exchange, parameters: PathParameters, context: DispatchContext): Promise<void> {
  exchange.endpoint = endpoint
  try {
    const reply = await endpoint.answer(exchange, parameters)
    if (reply) write(exchange, reply, context.leaving())
  } catch (error) {
    fail(error, exchange, context)
  }
}

/** Answers with an error, and logs it where it is not the caller's. */
export function fail(error: unknown, exchange: Exchange, context: Pick<DispatchContext, 'log' | 'leaving'>): void {
  const { operation } = exchange.endpoint
  const reply = problemReply(error, exchange)
  const about = { ...traceFields(exchange.traceparent), service: operation?.service, operation: operation?.name, status: reply.status, error }
  if (reply.status === 500) context.log.error('a request failed', about)
  else if (reply.status > 500 && !exchange.aborted) context.log.warn('a request could not be served', about)
  if (!exchange.response.headersSent) write(exchange, reply, context.leaving())
  else if (!exchange.response.writableEnded) exchange.response.destroy() // half an answer must not look like a whole one
}

function problemReply(error: unknown, exchange: Exchange): Reply {
  const { to, operation } = exchange.endpoint
  const problem = toProblem(error, { to, operation, instance: exchange.target.path, traceId: traceIdOf(exchange.traceparent) })
  return { status: problem.status, type: PROBLEM_TYPE, body: JSON.stringify(problem), headers: problemHeaders(error, problem.status, exchange) }
}

function problemHeaders(error: unknown, status: number, { request }: Exchange): Record<string, string> {
  if (status === 503) return { 'retry-after': '1' }
  // RFC 6750 §3: the reason is only given to who has sent a token
  if (status === 401) return { 'www-authenticate': request.headers.authorization === undefined ? 'Bearer' : 'Bearer error="invalid_token"' }
  if (status === 405 && BanyanError.is(error)) return { allow: String(error.details['allow']) }
  return {}
}

function unfound(exchange: Exchange, table: EndpointTable, malformed: boolean): Reply {
  const { path } = exchange.target
  const method = exchange.request.method!
  if (malformed) return problemReply(new BanyanError('malformed_request', `the path ${path} is not percent-encoded UTF-8`), exchange)
  const hidden = path.startsWith('/~/')
  const allowed = hidden ? [] : table.allowed(path)
  if (method === 'OPTIONS' && (allowed.length > 0 || exchange.request.url === '*'))
    return { status: 204, headers: { allow: allowed.join(', ') || 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS' } }
  if (allowed.length > 0) {
    const allow = allowed.join(', ')
    return problemReply(new BanyanError('method_not_allowed', `${path} has no ${method}; it has ${allow}`, { details: { allow } }), exchange)
  }
  return problemReply(new BanyanError('not_found', `nothing answers ${method} ${path}${hidden ? '' : hint(path, table)}`), exchange)
}

function hint(path: string, table: EndpointTable): string {
  const near = table.near(path)
  return near.length === 0 ? '; GET /openapi.json lists what does' : `; near it: ${near.slice(0, 5).join(', ')}`
}
