import { createHash, randomBytes } from 'node:crypto'
import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { authority, hasOpenssl, NO_OPENSSL, type Authority } from '../../../test/http/certificates.ts'
import type { Call } from './call.ts'
import { ConnectionPool, type PoolOptions } from './connection-pool.ts'
import type { ExchangeFault } from './fault.ts'
import type { ClientRequest } from './request-head.ts'

const stack: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of stack.splice(0).toReversed()) await one[Symbol.asyncDispose]()
})

interface Place {
  readonly origin: string
  /** All connections so far. */
  readonly sockets: Socket[]
}

async function listening(server: Server, protocol = 'http'): Promise<Place> {
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

const http = (answer: RequestListener): Promise<Place> => listening(createHttpServer(answer))
/** Takes every part that comes as a request. */
const raw = (answer: (socket: Socket, text: string) => void): Promise<Place> =>
  listening(createServer({ noDelay: true }, (socket) => void socket.on('data', (bytes) => answer(socket, bytes.toString('latin1')))))

function poolTo({ origin }: Place, said: Partial<PoolOptions> = {}): ConnectionPool {
  const pool = new ConnectionPool({ origin, servername: undefined, tls: {}, connectMs: 5_000, idleMs: 5_000, ...said })
  stack.push(pool)
  return pool
}

interface Asked {
  readonly call: Call
  /** The first part of the body is there. */
  readonly begun: Promise<void>
  readonly over: Promise<string>
  status: number
  /** Bytes of the body that have come. */
  length: number
}

function ask(pool: ConnectionPool, said: Partial<ClientRequest> = {}): Asked {
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

const closed = (socket: Socket) => expect.poll(() => socket.destroyed, { timeout: 10_000 }).toBe(true)
const fault = (code: ExchangeFault['code']) => expect.objectContaining({ name: 'ExchangeFault', code })
const ok = (body: string, ...fields: string[]) => ['HTTP/1.1 200 OK', ...fields, `Content-Length: ${body.length}`, '', body].join('\r\n')

describe('connections', () => {
  test('are as many as requests under way, and used again, the last one first', async () => {
    const server = await http((request, response) => void response.end(String(server.sockets.indexOf(request.socket))))
    const pool = poolTo(server)
    expect((await Promise.all([ask(pool).over, ask(pool).over, ask(pool).over])).sort()).toEqual(['0', '1', '2'])
    const last = await ask(pool).over
    for (let i = 0; i < 5; i++) expect(await ask(pool).over).toBe(last)
    expect(server.sockets).toHaveLength(3)
  })

  test('that have ended while they were idle are not used, and nothing fails', async () => {
    const server = await raw((socket) => void socket.write(ok('a')))
    const pool = poolTo(server)
    await ask(pool).over
    server.sockets[0]!.end()
    await turn()
    expect(await ask(pool, { method: 'POST' }).over).toBe('a')
    expect(server.sockets).toHaveLength(2)
  })

  test.each(['with the answer', 'later', 'when the next request is there'])('on which bytes come that nobody has asked for are ended: %s', async (when) => {
    const poison = ok('poison')
    const server = await raw((socket, text) => void socket.write(text.includes('/first') && when === 'with the answer' ? ok('a') + poison : ok('a')))
    const pool = poolTo(server)
    await ask(pool, { target: '/first' }).over
    const [socket] = server.sockets
    await turn()
    if (when !== 'with the answer') socket!.write(poison)
    if (when === 'later') await closed(socket!)
    expect(await ask(pool).over).toBe('a')
    expect(server.sockets).toHaveLength(2)
  })

  test('are kept as long as the server says, less the way to it', async () => {
    const server = await raw((socket, text) => void socket.write(ok('a', `Keep-Alive: timeout=${/\/(\d)/.exec(text)![1]!}`)))
    const pool = poolTo(server)
    await ask(pool, { target: '/2' }).over
    await closed(server.sockets[0]!)
    await ask(pool, { target: '/3' }).over
    await ask(pool, { target: '/3' }).over
    expect(server.sockets).toHaveLength(2)
    await closed(server.sockets[1]!)
  })

  test.each(['HEAD', 'DELETE'])('end with %s, to which servers may have something to add', async (method) => {
    const server = await http((_request, response) => void response.end())
    await ask(poolTo(server), { method, body: method === 'HEAD' ? undefined : Buffer.from('a') }).over
    await closed(server.sockets[0]!)
  })

  test('end with a call that is aborted, and nothing more is told', async () => {
    const server = await raw((socket) => void socket.write(ok('ab').slice(0, -1)))
    const asked = ask(poolTo(server))
    await asked.begun
    asked.call.abort()
    await closed(server.sockets[0]!)
    expect(await Promise.race([asked.over, turn('nothing')])).toBe('nothing')
  })

  test('are gone once a pool is closed, which waits for what is under way', async () => {
    const { promise: go, resolve: proceed } = Promise.withResolvers<void>()
    const server = await http(async (request, response) => {
      if (request.url === '/slow') await go
      response.end('a')
    })
    const pool = poolTo(server)
    await Promise.all([ask(pool).over, ask(pool).over])
    const slow = ask(pool, { target: '/slow' })
    await expect.poll(() => slow.call.sent).toBe(true)
    const closing = pool[Symbol.asyncDispose]()
    expect(await Promise.race([closing, turn('open')])).toBe('open')
    proceed()
    expect(await slow.over).toBe('a')
    await closing
    await expect.poll(() => server.sockets.every((socket) => socket.destroyed)).toBe(true)
  })
})

describe('a request', () => {
  test('that nobody takes was not sent', async () => {
    const server = await http(() => undefined)
    await stack.pop()![Symbol.asyncDispose]()
    const asked = ask(poolTo(server))
    await expect(asked.over).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    expect(asked.call.sent).toBe(false)
  })

  test('that is lost on a connection that was used before may have been sent', async () => {
    const server = await raw((socket, text) => void (text.includes('/second') ? socket.destroy() : socket.write(ok('a'))))
    const pool = poolTo(server)
    await ask(pool).over
    const asked = ask(pool, { target: '/second' })
    await expect(asked.over).rejects.toEqual(fault('OTHER_SIDE_CLOSED'))
    expect(asked.call.sent).toBe(true)
    expect(server.sockets).toHaveLength(1)
  })

  test('with a body of bytes arrives, short or long', async () => {
    const server = await http(async (request, response) => {
      const hash = createHash('sha256')
      for await (const part of request) hash.update(part as Buffer)
      response.end(hash.digest('hex'))
    })
    const pool = poolTo(server)
    for (const body of [Buffer.from([0, 127, 128, 255]), randomBytes(1_000_000)]) {
      expect(await ask(pool, { method: 'PUT', body }).over).toBe(createHash('sha256').update(body).digest('hex'))
    }
    expect(server.sockets).toHaveLength(1)
  })

  test.each([
    ['of a length that is said', ['content-length', '11'], /content-length: 11\r\n\r\nhello world$/],
    ['in chunks', [], /transfer-encoding: chunked\r\n\r\n6\r\nhello \r\n5\r\nworld\r\n0\r\n\r\n$/],
  ])('with a stream %s', async (_what, headers, expected) => {
    let sent = ''
    const server = await raw((socket, text) => {
      sent += text
      if (expected.test(sent)) socket.write(ok('a'))
    })
    const pool = poolTo(server)
    expect(await ask(pool, { method: 'POST', headers, body: Readable.from([Buffer.from('hello '), Buffer.from('world')]) }).over).toBe('a')
    expect(await ask(pool, { method: 'POST', headers, body: Readable.from(['hello ', 'world']) }).over).toBe('a')
    expect(server.sockets).toHaveLength(1)
  })

  test.each([
    ['longer', '4', 'a body of more than 4 bytes with Content-Length 4'],
    ['shorter', '6', 'a body of 5 bytes with Content-Length 6'],
  ])('with a stream that is %s than is said ends the connection, and never has more than is said', async (_what, length, message) => {
    let sent = ''
    const server = await raw((_socket, text) => void (sent += text))
    const asked = ask(poolTo(server), { method: 'POST', headers: ['content-length', length], body: Readable.from(['he', 'llo']) })
    await expect(asked.over).rejects.toMatchObject({ code: 'BODY_LENGTH', message })
    await closed(server.sockets[0]!)
    expect(sent.split('\r\n\r\n')[1]!.length).toBeLessThanOrEqual(Number(length))
  })

  test('whose stream fails fails with it', async () => {
    const server = await raw(() => undefined)
    const body = new Readable({ read: () => undefined })
    const asked = ask(poolTo(server), { method: 'POST', body })
    body.push('a')
    await expect.poll(() => asked.call.sent).toBe(true)
    const failure = new Error('no more')
    body.destroy(failure)
    await expect(asked.over).rejects.toBe(failure)
    await expect.poll(() => server.sockets[0]?.destroyed).toBe(true)
  })

  test('whose stream has failed before there is a connection fails with it, and nothing was sent', async () => {
    const body = new Readable({ read: () => undefined })
    const asked = ask(poolTo(await raw(() => undefined)), { method: 'POST', body })
    const failure = new Error('no more')
    body.destroy(failure)
    await expect(asked.over).rejects.toBe(failure)
    expect(asked.call.sent).toBe(false)
  })

  test('is answered before all of it is sent: the rest is not wanted', async () => {
    const server = await raw((socket) => void socket.write(ok('enough')))
    const body = new Readable({ read: () => undefined })
    const asked = ask(poolTo(server), { method: 'POST', body })
    body.push('a')
    expect(await asked.over).toBe('enough')
    await closed(server.sockets[0]!)
    expect(body.destroyed).toBe(true)
  })

  test('of which the server takes nothing is read no further', async () => {
    let read = 0
    const body = new Readable({
      read() {
        read += 64 * 1024
        this.push(Buffer.alloc(64 * 1024))
      },
    })
    const server = await listening(createServer({ pauseOnConnect: true }))
    const asked = ask(poolTo(server), { method: 'POST', body, timeoutMs: 300 })
    await expect(asked.over).rejects.toEqual(fault('ANSWER_TIMEOUT'))
    expect(read).toBeLessThan(64 * 1024 * 1024)
    expect(body.destroyed).toBe(true)
  })
})

describe('time', () => {
  test('is up where no answer comes, on a new connection and on one that was used before', async () => {
    const server = await raw((socket, text) => void (text.includes('/first') && socket.write(ok('a'))))
    const pool = poolTo(server)
    await ask(pool, { target: '/first' }).over
    await expect(Promise.all([ask(pool, { timeoutMs: 50 }).over])).rejects.toEqual(fault('ANSWER_TIMEOUT'))
    await expect(ask(pool, { timeoutMs: 50 }).over).rejects.toEqual(fault('ANSWER_TIMEOUT'))
    expect(server.sockets).toHaveLength(2)
  })

  test('for the answer begins when all of the body is sent', async () => {
    const server = await raw((socket, text) => void (text.endsWith('0\r\n\r\n') && socket.write(ok('a'))))
    const pool = poolTo(server)
    const body = new Readable({ read: () => undefined })
    const asked = ask(pool, { method: 'POST', body, timeoutMs: 50 })
    body.push('a')
    await expect.poll(() => asked.call.sent).toBe(true)
    for (let i = 0; i < 3; i++) await expect(ask(pool, { timeoutMs: 50 }).over).rejects.toEqual(fault('ANSWER_TIMEOUT'))
    body.push(null)
    expect(await asked.over).toBe('a')
  })

  test('is up where an answer does not go on, but not while nobody takes it', async () => {
    const server = await raw((socket) => void socket.write(ok('ab').slice(0, -1)))
    const pool = poolTo(server, { idleMs: 50 })
    const held = ask(pool)
    await held.begun
    held.call.pause()
    for (let i = 0; i < 3; i++) await expect(ask(pool).over).rejects.toEqual(fault('IDLE_TIMEOUT'))
    server.sockets[0]!.write('b')
    held.call.resume()
    expect(await held.over).toBe('ab')
  })

  test('is up where no connection is made', async () => {
    const server = await raw(() => undefined)
    // a handshake that nobody answers
    const asked = ask(poolTo({ ...server, origin: server.origin.replace('http:', 'https:') }, { connectMs: 50 }))
    await expect(asked.over).rejects.toEqual(fault('CONNECT_TIMEOUT'))
    expect(asked.call.sent).toBe(false)
  })
})

test('an answer that is not taken is held back, and comes whole once it is', async () => {
  const size = 32 * 1024 * 1024
  let written = 0
  const server = await http((_request, response) => {
    response.writeHead(200, { 'content-length': size })
    const part = Buffer.alloc(64 * 1024)
    const write = () => {
      while (written < size) {
        written += part.length
        if (!response.write(part)) return void response.once('drain', write)
      }
      response.end()
    }
    write()
  })
  const pool = poolTo(server)
  const asked = ask(pool)
  await asked.begun
  asked.call.pause()
  let before = -1
  await expect
    .poll(() => {
      const still = before === written
      before = written
      return still
    })
    .toBe(true)
  expect(written).toBeLessThan(size / 2)
  asked.call.resume()
  await asked.over
  expect(asked.length).toBe(size)
})

test('an answer that breaks off is none', async () => {
  const server = await raw((socket) => void socket.end(ok('ab').slice(0, -1)))
  await expect(ask(poolTo(server)).over).rejects.toEqual(fault('OTHER_SIDE_CLOSED'))
})

test('an answer without a length ends with its connection, and is none where that is reset', async () => {
  const server = await raw(
    (socket, text) => void socket.write('HTTP/1.1 200 OK\r\n\r\nall', () => (text.includes('/reset') ? socket.resetAndDestroy() : socket.end())),
  )
  const pool = poolTo(server)
  expect(await ask(pool).over).toBe('all')
  await expect(ask(pool, { target: '/reset' }).over).rejects.toMatchObject({ code: 'ECONNRESET' })
})

test('an answer that is broken says what is wrong with it', async () => {
  const server = await raw((socket) => void socket.write('HTTP/1.1 200 OK\r\nA : b\r\n\r\n'))
  await expect(ask(poolTo(server)).over).rejects.toThrow('its answer is not HTTP/1.1: "A " is no name of a field')
  await closed(server.sockets[0]!)
})

describe.skipIf(!hasOpenssl)(`over TLS${hasOpenssl ? '' : ` (${NO_OPENSSL})`}`, () => {
  let home: Authority
  beforeAll(() => void (home = authority('home')))
  afterAll(() => home[Symbol.dispose]())

  test('large bodies pass both ways unchanged, at once on several connections', async () => {
    const { cert, key } = home.unit('shop')
    const server = await listening(
      createHttpsServer({ cert, key }, (request, response) => void request.pipe(response)),
      'https',
    )
    const pool = poolTo(server, { tls: { ca: home.ca } })
    const bodies = Array.from({ length: 3 }, () => randomBytes(2_000_000))
    const answers = await Promise.all(bodies.map((body) => ask(pool, { method: 'POST', body }).over))
    expect(answers.map((answer, index) => answer === bodies[index]!.toString('latin1'))).toEqual([true, true, true])
    expect(await ask(pool, { method: 'POST', body: Buffer.from('again') }).over).toBe('again')
    expect(server.sockets).toHaveLength(3)
  })

  test('an answer that is not taken is held back, and comes whole once it is', async () => {
    const { cert, key } = home.unit('shop')
    const body = randomBytes(8_000_000)
    const server = await listening(
      createHttpsServer({ cert, key }, (_request, response) => void response.end(body)),
      'https',
    )
    const asked = ask(poolTo(server, { tls: { ca: home.ca } }))
    for (const _ of [1, 2, 3]) {
      await asked.begun
      asked.call.pause()
      await turn()
      expect(asked.length).toBeLessThan(body.length)
      asked.call.resume()
      await turn()
    }
    expect((await asked.over) === body.toString('latin1')).toBe(true)
  })
})
