import { Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { ask, closed, fault, http, ok, poolTo, raw } from '../../../test/gateway/asking.ts'

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

describe('time', () => {
  test('is up where no answer comes, on a connection that was used before and on a new one', async () => {
    const server = await raw((socket, text) => void (text.includes('/first') && socket.write(ok('a'))))
    const pool = poolTo(server)
    await ask(pool, { target: '/first' }).over
    await expect(ask(pool, { timeoutMs: 50 }).over).rejects.toEqual(fault('ANSWER_TIMEOUT'))
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
