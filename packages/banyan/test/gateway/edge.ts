import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { GatewayConfig, PolicyConfig, RouteMatch, Upstream } from '../../src/gateway/config.ts'

/** A server behind the gateway that remembers what it was asked. */
export interface Origin extends AsyncDisposable {
  readonly url: string
  readonly seen: IncomingMessage[]
  readonly server: ReturnType<typeof createServer>
}

export async function origin(listener: RequestListener): Promise<Origin> {
  const seen: IncomingMessage[] = []
  const server = createServer((request, response) => {
    seen.push(request)
    listener(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    server,
    async [Symbol.asyncDispose]() {
      if (!server.listening) return
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export function routeMatch(match: Partial<RouteMatch> = {}): RouteMatch {
  return { path: '/*', hosts: [], methods: [], headers: {}, query: {}, ...match }
}

export interface Said extends Partial<Omit<Upstream, 'targets'>> {
  readonly targets: readonly string[]
  readonly policies?: readonly PolicyConfig[]
}

/** One route for everything, to targets that answer alike. */
export function toAll({ targets, policies = [], ...upstream }: Said): GatewayConfig {
  const all = { name: 'all', balance: 'round-robin', health: undefined, timeoutMs: 5_000, attempts: 3, host: 'target', ...upstream } as const
  return {
    upstreams: { all: { ...all, targets: targets.map((url) => ({ url, weight: 1 })) } },
    routes: [{ name: 'all', match: routeMatch(), to: 'all', policies }],
  }
}
