import type { Readable } from 'node:stream'
import type { Exchange } from '../network/http/exchange.ts'
import { anonymousIdentity } from '../security/identity.ts'
import type { Client } from './client.ts'
import type { Route } from './config.ts'
import type { EdgeRequest } from './exchange.ts'
import { visibleHeaders } from './request-headers.ts'

/** A request as the first policy of its route gets it. */
export function edgeRequest(exchange: Exchange, route: Route, client: Client, body: Readable | undefined): EdgeRequest {
  const { request, target, traceparent } = exchange
  return {
    method: request.method!,
    original: request.url!,
    path: target.path,
    query: target.query,
    headers: visibleHeaders(request.headers),
    body,
    client: client.address,
    identity: anonymousIdentity,
    route,
    signal: () => exchange.signal,
    traceparent,
    outcome: exchange,
  }
}
