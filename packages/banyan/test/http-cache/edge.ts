import type { IncomingHttpHeaders } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { ANONYMOUS, type Identity } from '../../src/model/access.ts'
import type { EdgeAnswer, EdgeRequest, Policy } from '../../src/gateway/exchange.ts'
import type { Fields } from '../../src/gateway/http-cache/fields.ts'

export function identity(subject: string): Identity {
  return { subject, roles: [], scopes: [], attributes: {}, tenant: 'one', has: () => false }
}

const anonymous = identity(ANONYMOUS)

const route = {
  name: 'all',
  match: { path: '/*', hosts: [], methods: [], headers: {}, query: {} },
  to: 'origin',
  policies: [],
}

export interface Asked {
  readonly method?: string
  readonly headers?: IncomingHttpHeaders
  readonly signal?: AbortSignal
  readonly identity?: Identity
  readonly route?: string
}

/** A request as the gateway's engine hands it to a policy. */
export function edgeRequest(
  url: string,
  { method = 'GET', headers = {}, signal = new AbortController().signal, identity: who = anonymous, route: name = 'all' }: Asked = {},
): EdgeRequest {
  const [path = '/', query = ''] = url.split('?')
  return {
    method,
    original: url,
    path,
    query,
    headers: { host: 'example.com', ...headers },
    body: undefined,
    client: '192.0.2.1',
    identity: who,
    route: { ...route, name },
    signal: () => signal,
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    outcome: { cache: undefined, refused: undefined },
  }
}

export interface Heard {
  readonly status: number
  readonly headers: Fields
  readonly text: string
  /** This cache's word on it. */
  readonly cache: string
}

/** What a client hears, body and all. */
export async function heard(answer: EdgeAnswer): Promise<Heard> {
  const body = answer.body === undefined ? '' : Buffer.isBuffer(answer.body) ? answer.body.toString() : (await buffer(answer.body)).toString()
  return { status: answer.status, headers: answer.headers, text: body, cache: String(answer.headers['cache-status']) }
}

export type Origin = (request: EdgeRequest) => Promise<EdgeAnswer>

/** A client behind the policy, in front of an origin that remembers what it was asked. */
export function behind(policy: Policy, origin: Origin) {
  const seen: EdgeRequest[] = []
  const next: Origin = (request) => {
    seen.push(request)
    return origin(request)
  }
  const ask = async (url: string, asked: Asked = {}): Promise<Heard> => heard(await policy(edgeRequest(url, asked), next))
  const open = (url: string, asked: Asked = {}): Promise<EdgeAnswer> => policy(edgeRequest(url, asked), next)
  return { ask, open, seen }
}

export function answer(headers: Fields, body: string | Buffer = 'body', status = 200): EdgeAnswer {
  return { status, headers, body: Buffer.from(body) }
}
