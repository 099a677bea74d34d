import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import proxy from '@fastify/http-proxy'
import fastify from 'fastify'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { Pool, type Dispatcher } from 'undici'
import type { GatewayConfig, PolicyConfig } from '../../packages/banyan/src/gateway/config.ts'
import { startGateway } from '../../packages/banyan/src/gateway/start-gateway.ts'
import { silentLog } from '../../packages/banyan/src/observe/log.ts'

/** A server in a process of its own. `upstream` is the origin that it stands in front of. */
export interface Contender extends AsyncDisposable {
  readonly port: number
  /** What goes with each request to it. */
  readonly headers?: Readonly<Record<string, string>>
}

/** As the gateway has them. */
const POOL: Pool.Options = { pipelining: 1, headersTimeout: 30_000, bodyTimeout: 300_000, connect: { timeout: 2_000 } }
const BODY = JSON.stringify({ id: 'o1', lines: [{ sku: 'a', quantity: 2 }], total: { amount: 1_299, currency: 'EUR' } })

async function listening(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<Contender> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** What stands behind all of them. */
export function backend(): Promise<Contender> {
  return listening((request, response) => {
    request.resume()
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': String(BODY.length) }).end(BODY)
  })
}

/** The least that passes an answer on: no fields for one hop are removed, nothing is said of the client, nothing repeated or counted. */
export function bare(upstream: string): Promise<Contender> {
  const pool = new Pool(upstream, POOL)
  return listening((request, response) => {
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart: () => undefined,
      onResponseStart: (_controller, status, headers) => void response.writeHead(status, headers),
      onResponseData(controller, chunk) {
        if (response.write(chunk)) return
        controller.pause()
        response.once('drain', () => controller.resume())
      },
      onResponseEnd: () => void response.end(),
      onResponseError: () => void response.destroy(),
    }
    const { host: _host, connection: _connection, ...headers } = request.headers
    const body = request.headers['content-length'] === undefined ? null : request
    pool.dispatch({ method: request.method!, path: request.url!, headers, body }, handler)
  })
}

/** What most proxies in Node are built of: fields for one hop are removed, nothing is said of the client. */
export async function httpProxy(upstream: string): Promise<Contender> {
  const app = fastify()
  await app.register(proxy, { upstream, undici: new Pool(upstream, POOL) })
  await app.listen({ port: 0, host: '127.0.0.1' })
  return { port: (app.server.address() as AddressInfo).port, [Symbol.asyncDispose]: () => app.close() }
}

/** The gateway with no policies. */
export function banyan(upstream: string): Promise<Contender> {
  return startGateway(configOf(upstream, []), { port: 0, log: silentLog })
}

const ISSUER = 'https://issuer.example'
const AUDIENCE = 'orders'

/** The gateway with a log-in by JWT, a limit for each user that never refuses, and a trace that goes on. */
export async function guarded(upstream: string): Promise<Contender> {
  const { publicKey, privateKey } = await generateKeyPair('ES256')
  const directory = await mkdtemp(join(tmpdir(), 'banyan-proxy-'))
  const jwks = join(directory, 'keys.json')
  await writeFile(jwks, JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256' }] }))
  const token = await new SignJWT({ roles: ['customer'] })
    .setProtectedHeader({ alg: 'ES256', kid: 'k1', typ: 'at+jwt' })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setSubject('ada')
    .setExpirationTime('1h')
    .sign(privateKey)
  const policies = [
    { kind: 'auth', settings: { issuer: ISSUER, audience: AUDIENCE, jwks }, line: 1 },
    { kind: 'limit', settings: { rate: '1000000/s', per: 'user' }, line: 2 },
  ]
  const gateway = await startGateway(configOf(upstream, policies), { port: 0, log: silentLog })
  return {
    port: gateway.port,
    headers: { Authorization: `Bearer ${token}`, Traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' },
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]()
      await rm(directory, { recursive: true })
    },
  }
}

function configOf(upstream: string, policies: readonly PolicyConfig[]): GatewayConfig {
  return {
    upstreams: {
      orders: {
        name: 'orders',
        targets: [{ url: upstream, weight: 1 }],
        balance: 'peak-ewma',
        health: undefined,
        timeoutMs: 30_000,
        attempts: 3,
        host: 'keep',
      },
    },
    routes: [{ name: 'orders', to: 'orders', policies, match: { path: '/orders/*', hosts: [], methods: [], headers: {}, query: {} } }],
  }
}
