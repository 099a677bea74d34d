import { describe, expect, test, vi } from 'vitest'
import { checked, orders, serve, type Invoke } from '../../test/http/fixture.ts'
import { envelope, operation, SECRET, tokens, unitAt, wireAt } from '../../test/http/peers.ts'
import { opened } from '../../test/http/stack.ts'
import { Deadline } from '../kernel/deadline.ts'
import { BanyanError } from '../kernel/errors.ts'
import { peerTokens } from '../security/peer-token.ts'
import { traceIdOf } from '../observe/trace.ts'
import type { Envelope } from './envelope.ts'
import type { RemoteUnit } from './http/client.ts'
import type { HttpServerOptions } from './http/options.ts'
import type { HttpServer } from './http/server.ts'

const keep = opened()

const secretly = operation('secretly')

describe.each([
  { over: 'HTTP', at: unitAt },
  { over: 'the wire', at: wireAt },
])('another unit over $over', ({ at }) => {
  async function peers(invoke: Invoke, options: Partial<HttpServerOptions> = {}): Promise<{ server: HttpServer; remote: RemoteUnit }> {
    const server = keep(await serve(invoke, { peer: { verify: tokens.verify }, ...options }))
    return { server, remote: keep(at(server.url)) }
  }

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
    expect(got?.envelope.deadline.left()).toBeLessThanOrEqual(30_000)
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
    // long enough to get there on a busy machine too
    await expect(remote.call(secretly, { n: 1 }, envelope({ deadline: Deadline.in(1_000) }))).rejects.toMatchObject({
      code: 'deadline_exceeded',
      executed: 'maybe',
    })
    await expect.poll(() => signal?.aborted).toBe(true)
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
    await expect.poll(() => there.aborted).toBe(true)
    await expect(remote.call(secretly, { n: 1 }, envelope({ signal: AbortSignal.abort() }))).rejects.toMatchObject({ code: 'cancelled', executed: 'no' })
  })

  test('a unit whose clock is an hour off is called and read as any other', async () => {
    const theirs = peerTokens({ app: 'shop', secret: SECRET })
    let refused = 0
    const verify = (token: string) => {
      const clock = vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 3_600_000)
      try {
        return theirs.verify(token)
      } catch (error) {
        refused++
        throw error
      } finally {
        clock.mockRestore()
      }
    }
    const { remote } = await peers(
      checked((_operation, input) => input),
      { peer: { verify, feed: async () => ({ events: [] }) } },
    )
    expect(await remote.call(secretly, { n: 1 }, envelope())).toEqual({ n: 1 })
    expect(await remote.feed('orders', { waitMs: 0 }, new AbortController().signal)).toEqual({ events: [] })
    expect(await remote.call(secretly, { n: 2 }, envelope())).toEqual({ n: 2 })
    expect(refused).toBe(1)
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

  test.each(['sales:3000', 'ftp://sales:3000', 'http://sales:3000/shop', ''])("'%s' is no address of a unit", (origin) => {
    expect(() => at(origin)).toThrow(expect.objectContaining({ code: 'invalid_configuration' }))
  })
})
