import type { EdgeRequest } from '../../src/gateway/exchange.ts'
import { anonymousIdentity } from '../../src/security/identity.ts'

/** A request as policies get it. */
export function edgeRequest(said: Partial<EdgeRequest> = {}): EdgeRequest {
  return {
    method: 'GET',
    original: '/',
    path: '/',
    query: '',
    headers: {},
    body: undefined,
    client: '192.0.2.1',
    identity: anonymousIdentity,
    route: { name: 'GET /*', to: 'a', policies: [], match: { path: '/*', hosts: [], methods: [], headers: {}, query: {} } },
    signal: () => new AbortController().signal,
    traceparent: '00-715c568b976b01863d8721bb915d3800-0000000000000001-01',
    outcome: { cache: undefined, refused: undefined },
    ...said,
  }
}
