import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { afterEach, expect } from 'vitest'
import type { Call } from '../../src/gateway/http1/call.ts'
import { ConnectionPool, type PoolOptions } from '../../src/gateway/http1/connection-pool.ts'
import type { ExchangeFault } from '../../src/gateway/http1/fault.ts'
import type { ClientRequest } from '../../src/gateway/http1/request-head.ts'

/** What is let go of after each test, the last first. */
export const stack: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of stack.splice(0).toReversed()) await one[Symbol.asyncDispose]()
})

/** A server, whatever it speaks. */
export interface Place {
  readonly origin: string
  /** All connections so far. */
  readonly sockets: Socket[]
}

export async function listening(server: Server, protocol = 'http'): Promise<Place> {
  const sockets: Socket[] = []
  server.on('connection', (socket: Socket) => sockets.push(socket.on('error', () => undefined)))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  stack.push({
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  })
  return { origin: `${protocol}://127.0.0.1:${(server.address() as AddressInfo).port}`, sockets }
}

export const http = (answer: RequestListener): Promise<Place> => listening(createHttpServer(answer))
/** Takes every part that comes as a request. */
export const raw = (answer: (socket: Socket, text: string) => void): Promise<Place> =>
  listening(createServer({ noDelay: true }, (socket) => void socket.on('data', (bytes) => answer(socket, bytes.toString('latin1')))))

export function poolTo({ origin }: Place, said: Partial<PoolOptions> = {}): ConnectionPool {
  const pool = new ConnectionPool({ origin, servername: undefined, tls: {}, connectMs: 5_000, idleMs: 5_000, ...said })
  stack.push(pool)
  return pool
}

/** A request, and what has come of it. */
export interface Asked {
  readonly call: Call
  /** The first part of the body is there. */
  readonly begun: Promise<void>
  readonly over: Promise<string>
  status: number
  /** Bytes of the body that have come. */
  length: number
}

export function ask(pool: ConnectionPool, said: Partial<ClientRequest> = {}): Asked {
  const over = Promise.withResolvers<string>()
  const begun = Promise.withResolvers<void>()
  const parts: Buffer[] = []
  const call = pool.send(
    { method: 'GET', target: '/', headers: [], body: undefined, timeoutMs: 5_000, ...said },
    {
      informed: () => undefined,
      begin: (status) => void (asked.status = status),
      data(part) {
        parts.push(part)
        asked.length += part.length
        begun.resolve()
      },
      end: () => over.resolve(Buffer.concat(parts).toString('latin1')),
      fail: (error) => over.reject(error),
    },
  )
  over.promise.catch(() => undefined)
  const asked: Asked = { call, begun: begun.promise, over: over.promise, status: 0, length: 0 }
  return asked
}

export async function closed(socket: Socket): Promise<void> {
  await expect.poll(() => socket.destroyed, { timeout: 10_000 }).toBe(true)
}
export const fault = (code: ExchangeFault['code']): unknown => expect.objectContaining({ name: 'ExchangeFault', code })
/** An answer, byte for byte. */
export const ok = (body: string, ...fields: string[]): string => ['HTTP/1.1 200 OK', ...fields, `Content-Length: ${body.length}`, '', body].join('\r\n')
