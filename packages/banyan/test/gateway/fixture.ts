import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { GatewayConfig, PolicyConfig, Route, RouteMatch, Target, Upstream } from '../../src/gateway/config.ts'
import { startGateway, type RunningGateway, type StartGatewayOptions } from '../../src/gateway/start-gateway.ts'
import { silentLog } from '../../src/observe/log.ts'

/** A foreign server. */
export interface Backend extends AsyncDisposable {
  readonly url: string
  readonly server: Server
}

export async function backend(answer: RequestListener): Promise<Backend> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    server,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Answers what it was asked, as JSON. */
export function echo(request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const { method, url, headers } = request
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ method, url, headers, body: Buffer.concat(chunks).toString() }))
  })
}

export interface Echoed {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export function upstream(name: string, urls: readonly string[], said: Partial<Upstream> = {}): Upstream {
  const targets: readonly Target[] = urls.map((url) => ({ url, weight: 1 }))
  return { name, targets, balance: 'round-robin', health: undefined, timeoutMs: 5_000, attempts: 3, host: 'keep', ...said }
}

export function route(to: string, match: Partial<RouteMatch> = {}, policies: readonly PolicyConfig[] = [], name: string = to): Route {
  return { name, to, policies, match: { path: '/*', hosts: [], methods: [], headers: {}, query: {}, ...match } }
}

export function policy(kind: string, settings: unknown = {}): PolicyConfig {
  return { kind, settings, line: 1 }
}

/** One route for everything to one upstream. */
export function everything(urls: readonly string[], policies: readonly PolicyConfig[] = [], said: Partial<Upstream> = {}): GatewayConfig {
  return { upstreams: { all: upstream('all', urls, said) }, routes: [route('all', {}, policies)] }
}

export function serving(config: GatewayConfig, options: Partial<StartGatewayOptions> = {}): Promise<RunningGateway> {
  return startGateway(config, { port: 0, log: silentLog, ...options })
}
