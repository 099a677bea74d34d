import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { checked, serve, type Invoke } from '../../../test/http/fixture.ts'
import { envelope, operation, plainServer, tokens, wireAt } from '../../../test/http/peers.ts'
import { opened } from '../../../test/http/stack.ts'
import type { BanyanError } from '../../kernel/errors.ts'
import { peerTokens } from '../../security/peer-token.ts'
import { peerVoice } from '../../security/peer-voice.ts'
import { createLog } from '../../observe/log.ts'
import type { HttpServerOptions } from '../http/options.ts'
import type { HttpServer } from '../http/server.ts'
import { Kind } from './frame.ts'
import { printsOf } from './prints.ts'

const keep = opened()
const secretly = operation('secretly')
const n = checked((_operation, input) => input)

async function unit(invoke: Invoke = n, options: Partial<HttpServerOptions> = {}): Promise<HttpServer> {
  return keep(await serve(invoke, { peer: { verify: tokens.verify }, ...options }))
}

/** A cable to a server that counts connections, and can be cut or go dead. */
async function cable(to: string): Promise<AsyncDisposable & { readonly origin: string; readonly made: number; cut(): void; die(): void }> {
  const ends = new Set<Socket>()
  let made = 0
  const server = createServer((near) => {
    made++
    const far = connect(Number(new URL(to).port), '127.0.0.1')
    for (const [from, other] of [
      [near, far],
      [far, near],
    ] as const) {
      ends.add(from)
      from.pipe(other).on('error', () => from.destroy())
      from.on('close', () => ends.delete(from) && other.destroy())
    }
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const cut = () => ends.forEach((end) => end.destroy())
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get made() {
      return made
    },
    cut,
    die: () => ends.forEach((end) => end.unpipe().pause()),
    async [Symbol.asyncDispose]() {
      cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Answers the input, but `{ n: 1 }` only when told. */
function held(): { invoke: Invoke; readonly begun: number; release(): void } {
  let begun = 0
  const { promise, resolve } = Promise.withResolvers<void>()
  return {
    invoke: checked(async (_operation, input) => {
      begun++
      if ((input as { n: number }).n === 1) await promise
      return input
    }),
    get begun() {
      return begun
    },
    release: resolve,
  }
}

test('all calls share one connection', async () => {
  const line = keep(await cable((await unit()).url))
  const remote = keep(wireAt(line.origin))
  const answers = await Promise.all(Array.from({ length: 500 }, (_, i) => remote.call(secretly, { n: i }, envelope())))
  expect(answers).toEqual(Array.from({ length: 500 }, (_, i) => ({ n: i })))
  expect(line.made).toBe(1)
})

test('a large answer does not hold up small ones', async () => {
  const text = 'x'.repeat(10_000_000)
  const remote = keep(wireAt((await unit(checked((asked) => (asked.name === 'search' ? text : { n: 1 })))).url))
  await remote.call(secretly, { n: 0 }, envelope())
  const order: string[] = []
  const large = remote.call(operation('search'), { skus: [] }, envelope()).then((answer) => order.push('large') && answer)
  const small = Promise.all(Array.from({ length: 20 }, () => remote.call(secretly, { n: 1 }, envelope()).then(() => order.push('small'))))
  await Promise.all([large, small])
  expect(await large).toBe(text)
  expect(order.at(-1)).toBe('large')
})

test('a unit that does not speak the wire is called over HTTP', async () => {
  const asked: string[] = []
  const server = keep(
    await plainServer((request, response) => {
      asked.push(`${request.method} ${request.url}`)
      if (request.url === '/~/orders/secretly') response.setHeader('content-type', 'application/json').end('{"n":5}')
      else response.writeHead(404).end()
    }),
  )
  const remote = keep(wireAt(server.origin))
  expect(await remote.call(secretly, { n: 1 }, envelope())).toEqual({ n: 5 })
  expect(await remote.call(secretly, { n: 1 }, envelope())).toEqual({ n: 5 })
  expect(asked).toEqual(['GET /~/wire', 'POST /~/orders/secretly', 'POST /~/orders/secretly'])
})

test('a version of the wire that nobody here knows is answered in HTTP', async () => {
  const { port } = await unit()
  const socket = connect(port, '127.0.0.1')
  socket.write('GET /~/wire HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: banyan/9\r\n\r\n')
  const [first] = await new Promise<Buffer[]>((resolve) => socket.once('data', (data) => resolve([data])))
  expect(String(first)).toMatch(/^HTTP\/1.1 404 /)
  socket.destroy()
})

test('a unit with another secret is not answered', async () => {
  const { url } = await unit()
  const remote = keep(wireAt(url, { voice: peerVoice(peerTokens({ app: 'shop', secret: 'x'.repeat(40) })) }))
  await expect(remote.call(secretly, { n: 1 }, envelope())).rejects.toMatchObject({
    code: 'unauthenticated',
    message: expect.stringContaining('signed with another secret'),
  })
})

test('nobody listens: not executed; and as soon as somebody does, it is', async () => {
  const { port, url, ...server } = await serve(n, { peer: { verify: tokens.verify } })
  await server[Symbol.asyncDispose]()
  const remote = keep(wireAt(url))
  await expect(remote.call(secretly, { n: 1 }, envelope())).rejects.toMatchObject({ code: 'unavailable', executed: 'no' })
  await unit(n, { port })
  expect(await remote.call(secretly, { n: 1 }, envelope())).toEqual({ n: 1 })
})

test('a connection that breaks fails what is under way, saying that it may have been executed; the next call has a new one', async () => {
  const there = held()
  const line = keep(await cable((await unit(there.invoke)).url))
  const remote = keep(wireAt(line.origin))
  const call = remote.call(secretly, { n: 1 }, envelope())
  await expect.poll(() => there.begun).toBe(1)
  line.cut()
  await expect(call).rejects.toMatchObject({ code: 'unavailable', executed: 'maybe' })
  there.release()
  expect(await remote.call(secretly, { n: 2 }, envelope())).toEqual({ n: 2 })
  expect(line.made).toBe(2)
})

test('a connection that has gone silent is given up', async () => {
  const there = held()
  const line = keep(await cable((await unit(there.invoke)).url))
  const remote = keep(wireAt(line.origin, { limits: { pingMs: 10, silenceMs: 200 } }))
  const call = remote.call(secretly, { n: 1 }, envelope())
  await expect.poll(() => there.begun).toBe(1)
  line.die()
  await expect(call).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('nothing was heard in 200 ms') })
})

test('signs of life keep a connection on which nothing is said', async () => {
  const there = held()
  const line = keep(await cable((await unit(there.invoke)).url))
  const remote = keep(wireAt(line.origin, { limits: { pingMs: 10, silenceMs: 500 } }))
  const call = remote.call(secretly, { n: 1 }, envelope())
  const later = performance.now() + 800
  await vi.waitFor(() => expect(performance.now()).toBeGreaterThan(later), { timeout: 60_000 })
  there.release()
  expect(await call).toEqual({ n: 1 })
  expect(line.made).toBe(1)
})

test('a unit that leaves answers what it has begun, and takes nothing new', async () => {
  const there = held()
  const server = await unit(there.invoke)
  const remote = keep(wireAt(server.url))
  const call = remote.call(secretly, { n: 1 }, envelope())
  await expect.poll(() => there.begun).toBe(1)
  const drained = server.drain(10_000)
  await vi.waitFor(() => expect(remote.call(secretly, { n: 2 }, envelope())).rejects.toMatchObject({ code: 'unavailable', executed: 'no' }), 60_000)
  there.release()
  expect(await call).toEqual({ n: 1 })
  await drained
})

test('a call that does not end in time is cut when the unit stops', async () => {
  const there = held()
  const server = await unit(there.invoke)
  const remote = keep(wireAt(server.url))
  const call = remote.call(secretly, { n: 1 }, envelope())
  await expect.poll(() => there.begun).toBe(1)
  await Promise.all([server.drain(20), expect(call).rejects.toMatchObject({ code: 'unavailable', executed: 'maybe' })])
})

test('an old connection is replaced, and ended once it has answered', async () => {
  const there = held()
  const line = keep(await cable((await unit(there.invoke)).url))
  const remote = keep(wireAt(line.origin, { maxAgeMs: 0 }))
  const first = remote.call(secretly, { n: 1 }, envelope())
  await expect.poll(() => there.begun).toBe(1)
  const second = remote.call(secretly, { n: 2 }, envelope())
  await expect.poll(() => there.begun).toBe(2)
  there.release()
  expect(await Promise.all([first, second])).toEqual([{ n: 1 }, { n: 2 }])
  expect(line.made).toBe(2)
})

test('more calls than there are places are refused, and nothing of them is executed', async () => {
  const there = held()
  const server = await unit(there.invoke, { limits: { inFlight: 3 } })
  const remote = keep(wireAt(server.url))
  const calls = Array.from({ length: 5 }, () => remote.call(secretly, { n: 1 }, envelope()))
  const refused = (await Promise.allSettled(calls.slice(3))).map((end) => end.status === 'rejected' && (end.reason as BanyanError))
  expect(refused).toMatchObject([
    { code: 'overloaded', executed: 'no' },
    { code: 'overloaded', executed: 'no' },
  ])
  expect(server.load).toEqual({ share: 1, inFlight: 3 })
  there.release()
  expect(await Promise.all(calls.slice(0, 3))).toEqual([{ n: 1 }, { n: 1 }, { n: 1 }])
  expect(await remote.call(secretly, { n: 6 }, envelope())).toEqual({ n: 6 })
})

test('an input that the other side does not take is not sent, and nobody else is disturbed', async () => {
  const line = keep(await cable((await unit(n, { limits: { peerBodyBytes: 1_000 } })).url))
  const remote = keep(wireAt(line.origin))
  expect(await remote.call(secretly, { n: 1 }, envelope())).toEqual({ n: 1 })
  const large = remote.call(operation('change'), { orderId: 'o1', note: 'x'.repeat(2_000) }, envelope())
  await expect(large).rejects.toMatchObject({ code: 'payload_too_large', executed: 'no', details: { limit: 1_000 } })
  expect(await remote.call(secretly, { n: 2 }, envelope())).toEqual({ n: 2 })
  expect(line.made).toBe(1)
})

test('what is not UTF-8, too long, unknown or out of turn ends that connection, with a word in the log; others go on', async () => {
  const said: string[] = []
  const { url, port } = await unit(n, { log: createLog({ destination: { write: (line) => said.push(line) } }) })
  const remote = keep(wireAt(url))
  await remote.call(secretly, { n: 1 }, envelope())
  const hello = `GET /~/wire HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: banyan/1\r\nAuthorization: Bearer ${tokens.issue('stranger', envelope().identity)}\r\n\r\n`
  /** Speaks to the unit, and resolves when it has ended the connection, or has said something after the handshake's end. */
  async function speak(bytes: Uint8Array): Promise<void> {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => undefined)
    socket.write(hello)
    await new Promise((resolve) => socket.once('data', resolve))
    socket.end(bytes)
    await new Promise((resolve) => socket.resume().once('close', resolve))
  }
  const frames = fc
    .array(
      fc.tuple(
        fc.integer({ min: 0, max: 255 }),
        fc.nat({ max: 5 }),
        fc.oneof(fc.uint8Array({ maxLength: 50 }), fc.constant(Buffer.from('8\n0\n0\n500\n{"n":1}'))),
      ),
    )
    .map((list) =>
      Buffer.concat(
        list.map(([kind, number, text]) => {
          const head = Buffer.alloc(9)
          head.writeUInt32BE(text.length + 5)
          head[4] = kind % 12
          head.writeUInt32BE(number, 5)
          return Buffer.concat([head, text])
        }),
      ),
    )
  await fc.assert(fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 200 }), frames), speak), { numRuns: 150 })
  await speak(Buffer.from([0, 0, 0, 5, Kind.answer, 0, 0, 0, 1]))
  expect(said.join()).toContain('a message of kind 4, which a caller does not send')
  expect(await remote.call(secretly, { n: 2 }, envelope())).toEqual({ n: 2 })
})

test('where the contracts of the other unit differ it is logged once, and calls are tried all the same', async () => {
  const { url } = await unit()
  const lines: string[] = []
  const log = createLog({ level: 'warn', destination: { write: (line) => lines.push(line) } })
  const contracts = { ...printsOf([secretly, operation('ping')]), 'orders.secretly': 'another', 'orders.gone': 'was here' }
  const wire = keep(wireAt(url, { log, contracts }))
  expect(await wire.call(secretly, { n: 1 }, envelope())).toEqual({ n: 1 })
  await expect.poll(() => lines).toHaveLength(1)
  expect(JSON.parse(lines[0]!)).toMatchObject({ origin: url, changed: ['orders.secretly'], absent: ['orders.gone'] })
})
