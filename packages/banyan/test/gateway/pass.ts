import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { gatewayConfig } from '../../src/gateway/file/read.ts'
import type { EdgeAnswer, EdgeRequest } from '../../src/gateway/exchange.ts'
import { policyKinds } from '../../src/gateway/policy-kinds.ts'
import { anonymousIdentity } from '../../src/security/identity.ts'

export const TRACE_ID = '715c568b976b01863d8721bb915d3800'

/** A request, as an upstream gets it or a client sends it. */
export interface Sent {
  readonly method?: string
  readonly path?: string
  readonly query?: string
  readonly headers?: EdgeRequest['headers']
  readonly body?: string | Buffer
  readonly client?: string
  readonly route?: string
}

/** What came back, and what the upstream was asked; `undefined` where it was not. */
export interface Passed {
  readonly status: number
  readonly headers: EdgeAnswer['headers']
  readonly body: string
  readonly asked: (EdgeRequest & { readonly text: string }) | undefined
}

type Upstream = (request: EdgeRequest) => Pick<EdgeAnswer, 'status' | 'headers'> & { readonly body?: string | Buffer | undefined }

const echo: Upstream = () => ({ status: 200, headers: {} })

/** A route with policies, written as in a gateway file, before an upstream that answers so. */
export function passing(policies: string, upstream: Upstream = echo): (sent?: Sent) => Promise<Passed> {
  return async ({ method = 'GET', path = '/', query = '', headers = {}, body, client = '192.0.2.1', route: pattern = '/*' } = {}) => {
    const text = `upstreams: { a: http://a:1 }\nroutes: [{ path: '${pattern}', to: a, policies: ${policies} }]`
    const [route] = gatewayConfig(text, { path: 'gateway.yaml', kinds: policyKinds, env: {} }).routes
    const request: EdgeRequest = {
      method,
      original: query === '' ? path : `${path}?${query}`,
      path,
      query,
      headers,
      body: body === undefined ? undefined : Readable.from([Buffer.from(body)], { objectMode: false }),
      client,
      identity: anonymousIdentity,
      route: route!,
      signal: () => new AbortController().signal,
      traceparent: `00-${TRACE_ID}-0000000000000001-01`,
      outcome: { cache: undefined, refused: undefined },
    }
    let asked: Passed['asked']
    const opened = route!.policies.map(({ kind, settings }) => policyKinds.find(({ name }) => name === kind)!.open(settings as never, { directory: '.' }))
    const pipeline = opened.reduceRight<(request: EdgeRequest) => Promise<EdgeAnswer>>(
      (next, policy) => (request) => policy(request, next),
      async (request) => {
        asked = { ...request, text: request.body === undefined ? '' : (await buffer(request.body)).toString() }
        const { status, headers, body } = upstream(request)
        return { status, headers, body: body === undefined ? undefined : Readable.from([Buffer.from(body)], { objectMode: false }) }
      },
    )
    const answer = await pipeline(request)
    const bytes = answer.body === undefined ? Buffer.alloc(0) : Buffer.isBuffer(answer.body) ? answer.body : await buffer(answer.body)
    return { status: answer.status, headers: answer.headers, body: bytes.toString(), asked }
  }
}

/** An upstream that answers a value as JSON. */
export function json(value: unknown, headers: EdgeAnswer['headers'] = {}, status = 200): Upstream {
  const body = JSON.stringify(value)
  return () => ({ status, headers: { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)), ...headers }, body })
}
