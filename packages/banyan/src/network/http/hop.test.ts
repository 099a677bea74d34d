import type { RequestListener } from 'node:http'
import { createServer as createTcpServer, type AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { checked, serve } from '../../../test/http/fixture.ts'
import { envelope, operation, plainServer, tokens, unitAt } from '../../../test/http/peers.ts'
import { opened } from '../../../test/http/stack.ts'
import { Deadline } from '../../kernel/deadline.ts'
import { BanyanError } from '../../kernel/errors.ts'
import type { RemoteUnit, RemoteUnitOptions } from './client.ts'

const keep = opened()
const secretly = operation('secretly')
const plain = async (listener: RequestListener) => keep(await plainServer(listener))
const unit = (origin: string, options: Partial<RemoteUnitOptions> = {}): RemoteUnit => keep(unitAt(origin, options))

test('nobody listens: not executed, tried three times', async () => {
  const { origin, ...server } = await plainServer(() => undefined)
  await server[Symbol.asyncDispose]()
  await expect(unit(origin).call(secretly, { n: 1 }, envelope())).rejects.toMatchObject({
    code: 'unavailable',
    executed: 'no',
    message: expect.stringContaining('ECONNREFUSED'),
  })
  await expect(unit('http://nowhere.invalid').call(secretly, { n: 1 }, envelope())).rejects.toMatchObject({ code: 'unavailable', executed: 'no' })
})

test('a connection that breaks is tried again under the same key', async () => {
  const keys: unknown[] = []
  const { origin } = await plain((request, response) => {
    keys.push(request.headers['idempotency-key'])
    if (keys.length < 3) request.socket.destroy()
    else response.writeHead(200, { 'content-type': 'application/json' }).end('{"n":2}')
  })
  const sent = envelope()
  expect(await unit(origin).call(secretly, { n: 1 }, sent)).toEqual({ n: 2 })
  expect(keys).toEqual([sent.key, sent.key, sent.key])
})

test('when it breaks every time, it may have been executed', async () => {
  let count = 0
  const { origin } = await plain((request) => {
    count++
    request.socket.destroy()
  })
  await expect(unit(origin).call(secretly, { n: 1 }, envelope())).rejects.toMatchObject({ code: 'unavailable', executed: 'maybe' })
  expect(count).toBe(3)
})

test('half an answer is none', async () => {
  const { origin } = await plain((request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 }).write('{"n":')
    response.on('close', () => undefined)
    setImmediate(() => request.socket.destroy())
  })
  await expect(unit(origin).call(secretly, { n: 1 }, envelope())).rejects.toMatchObject({ code: 'unavailable', executed: 'maybe' })
})

test('once an attempt may have been executed, a later one that was not does not deny it', async () => {
  const server = createTcpServer((socket) => {
    socket.once('data', () => {
      server.close()
      socket.destroy()
    })
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  await expect(unit(origin).call(secretly, { n: 1 }, envelope())).rejects.toMatchObject({
    code: 'unavailable',
    executed: 'maybe',
    message: expect.stringContaining('ECONNREFUSED'),
  })
})

test('what a proxy says of the way is tried again, what the callee says is not', async () => {
  let count = 0
  const { origin: proxy } = await plain((_request, response) => {
    count++
    response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad Gateway</h1>')
  })
  await expect(unit(proxy).call(secretly, { n: 1 }, envelope())).rejects.toMatchObject({ code: 'unavailable', executed: 'maybe' })
  expect(count).toBe(3)
  count = 0
  const server = keep(
    await serve(
      checked(() => {
        count++
        throw new BanyanError('unavailable', 'its database is away')
      }),
      { peer: { verify: tokens.verify } },
    ),
  )
  await expect(unit(server.url).call(secretly, { n: 1 }, envelope())).rejects.toMatchObject({ code: 'unavailable', message: 'its database is away' })
  expect(count).toBe(1)
})

test('retries end with the budget', async () => {
  let count = 0
  const { origin } = await plain((request) => {
    count++
    request.socket.destroy()
  })
  const remote = unit(origin)
  await Promise.allSettled(Array.from({ length: 200 }, () => remote.call(secretly, { n: 1 }, envelope({ deadline: Deadline.in(20_000) }))))
  // 200 calls, a fifth of them again, and the reserve of 100
  expect(count).toBeGreaterThan(200)
  expect(count).toBeLessThanOrEqual(200 + 40 + 100)
})

test('calls beyond the limit are refused here', async () => {
  const { origin } = await plain(() => undefined)
  const remote = unit(origin, { inFlight: 1 })
  const first = remote.call(secretly, { n: 1 }, envelope({ deadline: Deadline.in(100) }))
  await expect(remote.call(secretly, { n: 1 }, envelope())).rejects.toMatchObject({ code: 'overloaded', executed: 'no' })
  await expect(first).rejects.toMatchObject({ code: 'deadline_exceeded' })
})

test('calls under way when it is closed fail as unavailable', async () => {
  const begun = Promise.withResolvers<undefined>()
  const { origin } = await plain(() => begun.resolve(undefined))
  const remote = unit(origin, { attempts: 1 })
  const ended = remote.call(secretly, { n: 1 }, envelope()).catch((error: unknown) => error)
  await begun.promise
  await remote[Symbol.asyncDispose]()
  expect(await ended).toMatchObject({ code: 'unavailable', executed: 'maybe' })
})
