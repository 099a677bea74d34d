import { createHash, randomBytes } from 'node:crypto'
import { createServer as createHttpsServer } from 'node:https'
import { createServer } from 'node:net'
import { Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ask, closed, fault, http, listening, ok, poolTo, raw, stack } from '../../../test/gateway/asking.ts'
import { authority, hasOpenssl, NO_OPENSSL, type Authority } from '../../../test/http/certificates.ts'

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

  test('whose answer comes before anything of it is sent has none: those bytes are not about it', async () => {
    const server = await raw((socket) => void socket.write(ok('a')))
    const pool = poolTo(server)
    await ask(pool).over
    const body = new Readable({ read: () => undefined })
    const asked = ask(pool, { method: 'POST', body })
    await turn()
    await turn()
    server.sockets[0]!.write(ok('poison'))
    await expect(asked.over).rejects.toEqual(fault('BROKEN_ANSWER'))
    expect(asked.call.sent).toBe(false)
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
