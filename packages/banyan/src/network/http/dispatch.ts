import type { IncomingMessage } from 'node:http'
import { BanyanError } from '../../kernel/errors.ts'
import type { Log } from '../../model/context.ts'
import { checkCertificate, type TlsOptions } from '../../security/tls.ts'
import type { Endpoint, EndpointTable } from './endpoint.ts'
import { Exchange } from './exchange.ts'
import type { ForeignSurface } from './foreign.ts'
import type { HttpBody, HttpRequest, HttpResponse } from './message.ts'
import type { Pages } from './pages.ts'
import { logFailure, problemReply } from './problem-reply.ts'
import { write, type Reply } from './reply.ts'
import { requestFault, targetOf } from './request-target.ts'
import type { RequestsInFlight } from './requests-in-flight.ts'
import type { PathParameters } from './routes.ts'
import type { Traffic } from './traffic.ts'

export interface DispatchContext {
  readonly table: EndpointTable
  readonly foreign: ForeignSurface | undefined
  /** Files that answer where no endpoint does. */
  readonly pages: Pages | undefined
  readonly inFlight: RequestsInFlight
  readonly traffic: Traffic
  /** Whether connections should end with their next answer. */
  leaving(): boolean
  readonly log: Log
  readonly tls: TlsOptions | undefined
}

/** Where everything stands that is for units of the app only. */
const PEERS = '/~/'

/** Answers one request, whatever it is. */
export function dispatch(request: HttpRequest, response: HttpResponse, body: HttpBody, context: DispatchContext): void {
  const exchange = new Exchange(request, response, body)
  context.inFlight.open(exchange)
  context.traffic.begins(exchange)
  const fault = requestFault(request)
  if (fault !== undefined) return write(exchange, problemReply(new BanyanError('malformed_request', fault), exchange), true)
  const { path } = exchange.target
  const found = context.table.find(request.method!, path)
  if (typeof found === 'object') run(found.endpoint, exchange, found.parameters, context)
  else if (found === undefined && context.foreign && !path.startsWith(PEERS) && context.foreign.answer(exchange, context))
    return context.traffic.isForeign(exchange)
  else if (context.pages && found === undefined) void runPages(context.pages, exchange, context)
  else write(exchange, unfound(exchange, context.table, found === 'malformed'), context.leaving())
}

/** Whether what stands behind the gateway answers a request: it is well-formed, and nothing of this process goes before. */
export function isForeign(request: IncomingMessage, { table, foreign }: DispatchContext): boolean {
  if (foreign === undefined || requestFault(request) !== undefined) return false
  const { path } = targetOf(request.url ?? '/')
  return !path.startsWith(PEERS) && table.find(request.method!, path) === undefined && foreign.takes(request, path)
}

async function runPages(pages: Pages, exchange: Exchange, context: DispatchContext): Promise<void> {
  try {
    context.inFlight.admit(exchange)
    const reply = await pages(exchange.request, exchange.target.path)
    write(exchange, reply ?? unfound(exchange, context.table, false), context.leaving())
  } catch (error) {
    fail(error, exchange, context)
  }
}

function run(endpoint: Endpoint, exchange: Exchange, parameters: PathParameters, context: DispatchContext): void {
  exchange.endpoint = endpoint
  if (endpoint.meter) {
    exchange.meter = endpoint.meter
    endpoint.meter.begin()
  }
  try {
    // by the endpoint, since there are several ways to write a path
    if (endpoint.path.startsWith(PEERS)) checkCertificate(exchange.request.socket, context.tls)
    const reply = endpoint.answer(exchange, parameters)
    if (reply instanceof Promise) void writeLater(reply, exchange, context)
    else if (reply) write(exchange, reply, context.leaving())
  } catch (error) {
    fail(error, exchange, context)
  }
}

async function writeLater(promised: Promise<Reply | undefined>, exchange: Exchange, context: DispatchContext): Promise<void> {
  try {
    const reply = await promised
    if (reply) write(exchange, reply, context.leaving())
  } catch (error) {
    fail(error, exchange, context)
  }
}

/** Answers with an error, and logs it where it is not the caller's. */
export function fail(error: unknown, exchange: Exchange, context: Pick<DispatchContext, 'log' | 'leaving'>): void {
  const reply = problemReply(error, exchange)
  if (BanyanError.is(error)) exchange.refused ??= refusalOf(error)
  logFailure(error, reply.status, exchange, context.log)
  if (!exchange.response.headersSent) write(exchange, reply, context.leaving())
  else if (!exchange.response.writableEnded) exchange.response.destroy() // half an answer must not look like a whole one
}

function refusalOf({ code }: BanyanError): Exchange['refused'] {
  if (code === 'rate_limited') return 'limit'
  return code === 'unauthenticated' || code === 'forbidden' ? 'access' : undefined
}

function unfound(exchange: Exchange, table: EndpointTable, malformed: boolean): Reply {
  const { path } = exchange.target
  const method = exchange.request.method!
  if (malformed) return problemReply(new BanyanError('malformed_request', `the path ${path} is not percent-encoded UTF-8`), exchange)
  const hidden = path.startsWith(PEERS)
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
