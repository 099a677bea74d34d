import { once } from 'node:events'
import { connect as connectSecurely } from 'node:tls'
import { queryObjects } from 'node:v8'
import { expect, test } from 'vitest'
import { authority, hasOpenssl, NO_OPENSSL } from '../../../../test/http/certificates.ts'
import { checked, serve } from '../../../../test/http/fixture.ts'
import { open } from '../../../../test/http/raw.ts'
import { opened } from '../../../../test/http/stack.ts'
import type { HttpServerOptions } from '../options.ts'
import { LaneConnection } from './lane-connection.ts'

const keep = opened()
const PING = 'GET /ping HTTP/1.1\r\nHost: a\r\n\r\n'
const CLOSING_PING = 'GET /ping HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'

/** A server whose answers wait for their turn. */
async function gated(options: Partial<HttpServerOptions> = {}) {
  const gates: PromiseWithResolvers<undefined>[] = []
  const signals: AbortSignal[] = []
  const invoke = checked((_operation, _input, { signal }) => {
    const gate = Promise.withResolvers<undefined>()
    gates.push(gate)
    signals.push(signal)
    return gate.promise
  })
  return { server: keep(await serve(invoke, options)), gates, signals }
}
const patience = { timeout: 20_000, interval: 5 }
const answersIn = (text: string) => text.match(/^HTTP\/1\.1 \d{3}/gm) ?? []

test('a client that resets or ends its side before its answer is no longer worked for', async () => {
  const { server, signals } = await gated()
  const [reset, ended] = [await open(server.port), await open(server.port)]
  reset.socket.write(PING)
  ended.socket.write(PING)
  await expect.poll(() => signals.length, patience).toBe(2)
  reset.socket.resetAndDestroy()
  ended.socket.end()
  await expect.poll(() => signals.map(({ aborted }) => aborted), patience).toEqual([true, true])
  expect(await ended.closed).toBe('')
  expect(server.load.inFlight).toBe(0)
})

test('what is sent before an answer is taken after it, in order', async () => {
  const { server, gates } = await gated()
  const { socket, text, closed } = await open(server.port)
  socket.write(PING)
  await expect.poll(() => gates.length, patience).toBe(1)
  socket.write(PING)
  const other = await open(server.port)
  other.socket.write(PING)
  // by now the second request has been read, and not begun
  await expect.poll(() => gates.length, patience).toBe(2)
  gates[0]!.resolve(undefined)
  await expect.poll(() => gates.length, patience).toBe(3)
  expect(answersIn(text())).toEqual(['HTTP/1.1 204'])
  socket.write(CLOSING_PING)
  gates[2]!.resolve(undefined)
  await expect.poll(() => gates.length, patience).toBe(4)
  gates[3]!.resolve(undefined)
  expect(answersIn(await closed)).toEqual(['HTTP/1.1 204', 'HTTP/1.1 204', 'HTTP/1.1 204'])
  other.socket.destroy()
})

test('what is no request, and came before an answer, is refused after it', async () => {
  const { server, gates } = await gated()
  const { socket, closed } = await open(server.port)
  socket.write(PING)
  await expect.poll(() => gates.length, patience).toBe(1)
  socket.write('nonsense\r\n\r\n')
  const other = await open(server.port)
  other.socket.write(PING)
  await expect.poll(() => gates.length, patience).toBe(2)
  gates[0]!.resolve(undefined)
  expect(answersIn(await closed)).toEqual(['HTTP/1.1 204', 'HTTP/1.1 400'])
  other.socket.destroy()
})

test('much that is sent before an answer is taken after it, whole and in order', async () => {
  const gate = Promise.withResolvers<void>()
  const begun: string[] = []
  const server = keep(
    await serve(
      checked(async ({ name }, input) => {
        if (name === 'ping') return undefined
        const { orderId } = input as { readonly orderId: string }
        begun.push(orderId)
        if (orderId === '0') await gate.promise
        return { orderId, total: { amount: 1, currency: 'EUR' } }
      }),
    ),
  )
  const { socket, text } = await open(server.port)
  const asking = (id: string) => `GET /orders/${id} HTTP/1.1\r\nHost: a\r\nX-A: ${'x'.repeat(3_000)}\r\n\r\n`
  const ids = Array.from({ length: 200 }, (_, index) => String(index))
  socket.write(asking('0'))
  await expect.poll(() => begun, patience).toEqual(['0'])
  socket.write(ids.slice(1).map(asking).join(''))
  const other = await open(server.port)
  other.socket.write(CLOSING_PING)
  await other.closed
  gate.resolve()
  await expect.poll(() => Array.from(text().matchAll(/"orderId":"(\d+)"/g), ([, id]) => id)).toEqual(ids)
  expect(begun).toEqual(ids)
  socket.destroy()
})

test('of what a client sends before its answer only a little is read', async () => {
  const { server, gates } = await gated()
  const { socket, closed } = await open(server.port)
  socket.write(PING)
  await expect.poll(() => gates.length, patience).toBe(1)
  socket.write('x'.repeat(16 * 1024 * 1024))
  const other = await open(server.port)
  other.socket.write(PING)
  await expect.poll(() => gates.length, patience).toBe(2)
  expect(socket.writableLength).toBeGreaterThan(0)
  gates[0]!.resolve(undefined)
  expect(answersIn(await closed)).toEqual(['HTTP/1.1 204', 'HTTP/1.1 400'])
  other.socket.destroy()
})

test('a connection that is not used is closed: without an answer after one, with 408 before any', async () => {
  const server = keep(
    await serve(
      checked(() => undefined),
      { limits: { keepAliveMs: 10, headersMs: 2_000 } },
    ),
  )
  const silent = await open(server.port)
  const used = await open(server.port)
  used.socket.write(PING)
  expect(answersIn(await used.closed)).toEqual(['HTTP/1.1 204'])
  const refusal = await silent.closed
  expect(answersIn(refusal)).toEqual(['HTTP/1.1 408'])
  expect(refusal).toContain('headers have 2000 ms')
})

test('half a head is refused when its time is up', async () => {
  const server = keep(
    await serve(
      checked(() => undefined),
      { limits: { headersMs: 2_000 } },
    ),
  )
  const { socket, closed, text } = await open(server.port)
  socket.write(PING)
  await expect.poll(() => answersIn(text()), patience).toEqual(['HTTP/1.1 204'])
  socket.write('GET /ping HTTP/1.1\r\nHost: a\r\n')
  expect(answersIn(await closed)).toEqual(['HTTP/1.1 204', 'HTTP/1.1 408'])
})

test('a client that takes nothing holds up its own answer only, and gets all of it in the end', async () => {
  const long = 'x'.repeat(4 * 1024 * 1024)
  const server = keep(
    await serve(
      checked(() => undefined),
      {
        extra: [
          {
            method: 'GET',
            path: '/_long',
            answer({ response }) {
              response.writeHead(200, ['content-length', String(2 * long.length)])
              expect(response.write(long)).toBe(false)
              expect(response.writableNeedDrain).toBe(true)
              response.once('drain', () => response.end(long))
              return undefined
            },
          },
        ],
      },
    ),
  )
  const slow = await open(server.port)
  slow.socket.pause()
  slow.socket.write('GET /_long HTTP/1.1\r\nHost: a\r\n\r\n')
  const other = await open(server.port)
  other.socket.write(CLOSING_PING)
  expect(answersIn(await other.closed)).toEqual(['HTTP/1.1 204'])
  expect(server.load.inFlight).toBe(1)
  slow.socket.resume()
  await expect.poll(() => slow.text().length, patience).toBeGreaterThan(2 * long.length)
  await expect.poll(() => server.load.inFlight, patience).toBe(0)
  slow.socket.destroy()
})

test.skipIf(!hasOpenssl)(`with TLS as without, also where the parts of a request come together${hasOpenssl ? '' : ` (${NO_OPENSSL})`}`, async () => {
  using ca = authority('a lane')
  const { cert, key } = ca.unit('server')
  const server = keep(
    await serve(
      checked(() => undefined),
      { tls: { cert, key } },
    ),
  )
  const socket = connectSecurely({ port: server.port, host: '127.0.0.1', ca: ca.ca })
  let text = ''
  socket.setEncoding('utf8').on('data', (part) => (text += String(part)))
  await once(socket, 'secureConnect')
  socket.write(PING)
  await expect.poll(() => answersIn(text), patience).toEqual(['HTTP/1.1 204'])
  // in several records of TLS, which are read in one turn
  expect(socket.setMaxSendFragment(512)).toBe(true)
  socket.write(CLOSING_PING.replace('Host', `X-A: ${'x'.repeat(3_000)}\r\nHost`))
  await once(socket, 'close')
  expect(answersIn(text)).toEqual(['HTTP/1.1 204', 'HTTP/1.1 204'])
})

test('a thousand connections leave nothing behind, whether they were handed over or not', async () => {
  const server = await serve(checked(() => undefined))
  for (let round = 0; round < 10; round++) {
    const connections = await Promise.all(Array.from({ length: 100 }, () => open(server.port)))
    connections.forEach(({ socket }, index) => socket.write([PING, CLOSING_PING, 'nonsense\r\n\r\n', 'GET /'][index % 4]!))
    await expect.poll(() => connections.filter(({ text }) => /^HTTP\/1\.1 (?:204|400) /.test(text())).length, patience).toBe(75)
    for (const { socket } of connections) socket.destroy()
    await Promise.all(connections.map(({ closed }) => closed))
  }
  await server.drain(10_000)
  await expect.poll(() => queryObjects(LaneConnection), patience).toBe(0)
})
