import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTcpServer, type AddressInfo } from 'node:net'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { checked, operations, orders, serve, somebody, type Invoke } from '../../../test/http/fixture.ts'
import { Deadline } from '../../kernel/deadline.ts'
import { BanyanError } from '../../kernel/errors.ts'
import { uuidv7 } from '../../kernel/id.ts'
import { newTrace, traceIdOf } from '../../observe/trace.ts'
import { peerTokens } from '../../security/peer-token.ts'
import type { Envelope } from '../envelope.ts'
import { remoteUnit, type RemoteUnit, type RemoteUnitOptions } from './client.ts'
import type { HttpServerOptions } from './options.ts'
import type { HttpServer } from './server.ts'

const stack: AsyncDisposable[] = []
afterEach(async () => {
  for (const resource of stack.splice(0).reverse()) await resource[Symbol.asyncDispose]()
})

const tokens = peerTokens({ app: 'shop', secret: 'a secret that all units of the app share' })
const operation = (name: string) => operations.find((candidate) => candidate.name === name)!
const secretly = operation('secretly')

function envelope(more: Partial<Envelope> = {}): Envelope {
  const key = uuidv7()
  const made = { identity: somebody, caller: 'payments', key, correlation: 'c-1', causation: 'e-1', causedBy: 'event' as const }
  return { ...made, deadline: Deadline.in(5_000), traceparent: newTrace(), signal: new AbortController().signal, ...more }
}
function unit(origin: string, options: Partial<RemoteUnitOptions> = {}): RemoteUnit {
  const remote = remoteUnit({ origin, token: ({ caller, identity }) => tokens.issue(caller, identity), ...options })
  stack.push(remote)
  return remote
}
async function peers(invoke: Invoke, options: Partial<HttpServerOptions> = {}): Promise<{ server: HttpServer; remote: RemoteUnit }> {
  const server = await serve(invoke, { peer: { verify: tokens.verify }, ...options })
  stack.push(server)
  return { server, remote: unit(server.url) }
}
/** A plain server that behaves as told. */
async function plain(listener: RequestListener): Promise<string> {
  const server: Server = createServer(listener).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  stack.push({
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('between units', () => {
  test('everything that goes with a call arrives', async () => {
    let got: { input: unknown; envelope: Envelope } | undefined
    const { remote } = await peers(
      checked((_operation, input, received) => {
        got = { input, envelope: received }
        return { n: 8 }
      }),
    )
    const sent = envelope()
    expect(await remote.call(secretly, { n: 7 }, sent)).toEqual({ n: 8 })
    expect(got?.input).toEqual({ n: 7 })
    expect(got?.envelope).toMatchObject({
      caller: 'payments',
      identity: { subject: 'u1' },
      key: sent.key,
      correlation: 'c-1',
      causation: 'e-1',
      causedBy: 'event',
    })
    expect(got?.envelope.deadline.left()).toBeLessThanOrEqual(5_000)
    expect(traceIdOf(got?.envelope.traceparent ?? '')).toBe(traceIdOf(sent.traceparent))
  })

  test('a request passed on from outside stays one: nobody of the app is its caller', async () => {
    let caller: string | undefined = 'unset'
    const { remote } = await peers(checked((_operation, _input, received) => ({ n: ((caller = received.caller), 1) })))
    await remote.call(secretly, { n: 7 }, envelope({ caller: undefined }))
    expect(caller).toBeUndefined()
  })

  test('no input and no output stay none', async () => {
    let got: unknown = 'unset'
    const { remote } = await peers(checked((_operation, input) => void (got = input)))
    expect(await remote.call(operation('ping'), undefined, envelope())).toBeUndefined()
    expect(got).toBeUndefined()
  })

  test('declared errors and those of the framework are what they were', async () => {
    let error: unknown
    const { remote } = await peers(checked(() => Promise.reject(error)))
    error = orders.place.errors.UnknownProduct({ sku: 'x' })
    await expect(remote.call(operation('place'), { lines: [{ sku: 'x', quantity: 1 }] }, envelope())).rejects.toSatisfy(orders.place.errors.UnknownProduct.is)
    for (const code of ['forbidden', 'key_reused', 'version_conflict', 'unavailable', 'overloaded', 'draining'] as const) {
      error = new BanyanError(code, `because of ${code}`, { details: { a: 1 }, executed: 'maybe' })
      await expect(remote.call(secretly, { n: 1 }, envelope())).rejects.toMatchObject({
        code,
        message: `because of ${code}`,
        details: { a: 1 },
        executed: 'maybe',
      })
    }
    await expect(remote.call(secretly, { n: 'x' }, envelope())).rejects.toMatchObject({ code: 'invalid_input', details: { issues: [{ path: '/n' }] } })
  })

  test('an operation that the other side does not know', async () => {
    const { remote } = await peers(
      checked(() => undefined),
      { operations: [] },
    )
    await expect(remote.call(secretly, { n: 1 }, envelope())).rejects.toMatchObject({
      code: 'not_found',
      message: expect.stringContaining('contracts are older'),
    })
  })

  test('large inputs and answers pass', async () => {
    const { remote } = await peers(checked((_operation, input) => input))
    const input = { lines: Array.from({ length: 50_000 }, (_, quantity) => ({ sku: 'é'.repeat(20), quantity: quantity + 1 })), note: '' }
    expect(await remote.call(operation('place'), input, envelope())).toEqual(input)
  })

  test('the deadline travels, and what is late is given up on both sides', async () => {
    let signal: AbortSignal | undefined
    const { remote } = await peers(
      checked((_operation, _input, received) => {
        signal = received.signal
        return new Promise(() => undefined)
      }),
    )
    await expect(remote.call(secretly, { n: 1 }, envelope({ deadline: Deadline.in(50) }))).rejects.toMatchObject({
      code: 'deadline_exceeded',
      executed: 'maybe',
    })
    await vi.waitFor(() => expect(signal?.aborted).toBe(true))
    await expect(remote.call(secretly, { n: 1 }, envelope({ deadline: Deadline.in(0) }))).rejects.toMatchObject({ code: 'deadline_exceeded', executed: 'no' })
  })

  test('a caller that gives up is felt on the other side', async () => {
    const begun = Promise.withResolvers<AbortSignal>()
    const { remote } = await peers(
      checked((_operation, _input, received) => {
        begun.resolve(received.signal)
        return new Promise(() => undefined)
      }),
    )
    const controller = new AbortController()
    const call = remote.call(secretly, { n: 1 }, envelope({ signal: controller.signal }))
    const there = await begun.promise
    controller.abort()
    await expect(call).rejects.toMatchObject({ code: 'cancelled', executed: 'maybe' })
    await vi.waitFor(() => expect(there.aborted).toBe(true))
    await expect(remote.call(secretly, { n: 1 }, envelope({ signal: AbortSignal.abort() }))).rejects.toMatchObject({ code: 'cancelled', executed: 'no' })
  })

  test('feeds: question and answer are JSON, and the wait ends with the caller or the server', async () => {
    const asked: unknown[] = []
    const waiting = Promise.withResolvers<AbortSignal>()
    const feed: NonNullable<HttpServerOptions['peer']>['feed'] = async (service, request, signal) => {
      asked.push([service, request])
      if (service === 'orders') return { events: [1] }
      waiting.resolve(signal)
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      throw signal.reason
    }
    const { server, remote } = await peers(
      checked(() => undefined),
      { peer: { verify: tokens.verify, feed } },
    )
    expect(await remote.feed('orders', { waitMs: 0 }, new AbortController().signal)).toEqual({ events: [1] })
    expect(asked).toEqual([['orders', { waitMs: 0 }]])
    const long = remote.feed('catalog', { waitMs: 60_000 }, new AbortController().signal)
    await waiting.promise
    const drained = server.drain(10_000)
    await expect(long).rejects.toMatchObject({ code: 'draining' })
    await drained
  })
})

describe('outsiders', () => {
  test.each([
    ['without a token', {}],
    ['with a token of their own', { authorization: 'Bearer good' }],
    [
      'with the token of another app',
      { authorization: `Bearer ${peerTokens({ app: 'blog', secret: 'a secret that all units of the app share' }).issue('x', somebody)}` },
    ],
  ])('%s do not reach what is for units of the app', async (_what, headers) => {
    const invoke = vi.fn<() => undefined>()
    const { server } = await peers(checked(invoke), { peer: { verify: tokens.verify, feed: async () => invoke() } })
    for (const path of ['/~/orders/secretly', '/~/orders/nothing', '/%7E/orders/secretly', '/~/orders/~feed']) {
      const answer = await fetch(server.url + path, { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: '{"n":1}' })
      expect([path, answer.status]).toEqual([path, 401])
    }
    expect((await fetch(`${server.url}/~/orders/secretly`)).status).toBe(404)
    expect(invoke).not.toHaveBeenCalled()
  })

  test('without peers that part of the surface does not exist', async () => {
    const server = await serve(checked(() => undefined))
    stack.push(server)
    expect((await fetch(`${server.url}/~/orders/secretly`, { method: 'POST' })).status).toBe(404)
  })
})

describe('when the way is lost', () => {
  const answer = (response: Parameters<RequestListener>[1], status: number, value: unknown) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))

  test('nobody listens: not executed, tried three times', async () => {
    const origin = await plain(() => undefined)
    for (const resource of stack.splice(0)) await resource[Symbol.asyncDispose]()
    await expect(unit(origin).call(secretly, { n: 1 }, envelope())).rejects.toMatchObject({
      code: 'unavailable',
      executed: 'no',
      message: expect.stringContaining('ECONNREFUSED'),
    })
    await expect(unit('http://nowhere.invalid').call(secretly, { n: 1 }, envelope())).rejects.toMatchObject({ code: 'unavailable', executed: 'no' })
  })

  test('a connection that breaks is tried again under the same key', async () => {
    const keys: unknown[] = []
    const origin = await plain((request, response) => {
      keys.push(request.headers['idempotency-key'])
      if (keys.length < 3) request.socket.destroy()
      else answer(response, 200, { n: 2 })
    })
    const sent = envelope()
    expect(await unit(origin).call(secretly, { n: 1 }, sent)).toEqual({ n: 2 })
    expect(keys).toEqual([sent.key, sent.key, sent.key])
  })

  test('when it breaks every time, it may have been executed', async () => {
    let count = 0
    const origin = await plain((request) => {
      count++
      request.socket.destroy()
    })
    await expect(unit(origin).call(secretly, { n: 1 }, envelope())).rejects.toMatchObject({ code: 'unavailable', executed: 'maybe' })
    expect(count).toBe(3)
  })

  test('half an answer is none', async () => {
    const origin = await plain((request, response) => {
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
    const proxy = await plain((_request, response) => {
      count++
      response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad Gateway</h1>')
    })
    await expect(unit(proxy).call(secretly, { n: 1 }, envelope())).rejects.toMatchObject({ code: 'unavailable', executed: 'maybe' })
    expect(count).toBe(3)
    count = 0
    const { remote } = await peers(
      checked(() => {
        count++
        throw new BanyanError('unavailable', 'its database is away')
      }),
    )
    await expect(remote.call(secretly, { n: 1 }, envelope())).rejects.toMatchObject({ code: 'unavailable', message: 'its database is away' })
    expect(count).toBe(1)
  })

  test('retries end with the budget', async () => {
    let count = 0
    const origin = await plain((request) => {
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
    const origin = await plain(() => undefined)
    const remote = unit(origin, { inFlight: 1 })
    const first = remote.call(secretly, { n: 1 }, envelope({ deadline: Deadline.in(100) }))
    await expect(remote.call(secretly, { n: 1 }, envelope())).rejects.toMatchObject({ code: 'overloaded', executed: 'no' })
    await expect(first).rejects.toMatchObject({ code: 'deadline_exceeded' })
  })

  test('calls under way when it is closed fail as unavailable', async () => {
    const begun = Promise.withResolvers<undefined>()
    const origin = await plain(() => begun.resolve(undefined))
    const remote = unit(origin, { attempts: 1 })
    const ended = remote.call(secretly, { n: 1 }, envelope()).catch((error: unknown) => error)
    await begun.promise
    await remote[Symbol.asyncDispose]()
    expect(await ended).toMatchObject({ code: 'unavailable', executed: 'maybe' })
  })
})
