import { expect, test, vi } from 'vitest'
import { readEvents } from '../../../test/http/event-reader.ts'
import { checked, orders, serve } from '../../../test/http/fixture.ts'
import { open } from '../../../test/http/raw.ts'
import { send } from '../../../test/http/requests.ts'
import { opened } from '../../../test/http/stack.ts'
import { Wakeup } from '../../events/wakeup.ts'
import { BanyanError } from '../../kernel/errors.ts'
import type { HttpServerOptions } from './options.ts'

const keep = opened()
const total = (amount: number) => ({ orderId: 'o1', total: { amount, currency: 'EUR' } })

/** A server whose answers and failures are set from outside. */
async function watched(options: Partial<HttpServerOptions> = {}) {
  const changes = new Wakeup()
  const state = { amount: 1, asked: 0, error: undefined as unknown }
  const invoke = checked(async () => {
    state.asked++
    if (state.error !== undefined) throw state.error
    return total(state.amount)
  })
  const server = keep(await serve(invoke, { changes: () => changes, ...options }))
  const become = (amount: number) => {
    state.amount = amount
    changes.wake()
  }
  const watch = async (headers: Record<string, string> = {}) => keep(await readEvents(`${server.url}/orders/o1`, headers))
  return { server, state, changes, become, watch }
}

test('the answer comes at once, and again when it has changed', async () => {
  const { become, watch } = await watched()
  const events = await watch()
  expect(events.response.status).toBe(200)
  expect(Object.fromEntries(events.response.headers)).toMatchObject({
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    'x-content-type-options': 'nosniff',
  })
  const first = await events.next()
  expect(first).toMatchObject({ event: 'message', data: total(1), id: expect.stringMatching(/^[\w-]{22}$/) })
  expect(events.retry).toBeGreaterThanOrEqual(1_000)
  become(2)
  const second = await events.next()
  expect(second).toMatchObject({ data: total(2) })
  expect(second!.id).not.toBe(first!.id)
})

test('an answer that stays the same is not repeated, and changes without a hint are found', async () => {
  const { state, changes, watch } = await watched()
  const events = await watch()
  await events.next()
  changes.wake()
  await vi.waitFor(() => expect(state.asked).toBeGreaterThan(1), 60_000)
  state.amount = 3
  expect(await events.next()).toMatchObject({ data: total(3) })
})

test('a client that comes back is not sent what it has', async () => {
  const { become, watch } = await watched()
  const { id } = (await (await watch()).next())!
  const again = await watch({ 'last-event-id': id! })
  become(2)
  expect(await again.next()).toMatchObject({ data: total(2) })
  const late = await watch({ 'last-event-id': id! })
  expect(await late.next()).toMatchObject({ data: total(2) })
})

test('many changes are few looks, never two at once', async () => {
  let [under, most, asked, amount] = [0, 0, 0, 0]
  const changes = new Wakeup()
  const invoke = checked(async () => {
    asked++
    most = Math.max(most, ++under)
    await new Promise((resolve) => setImmediate(resolve))
    under--
    return total(amount)
  })
  const server = keep(await serve(invoke, { changes: () => changes }))
  const events = keep(await readEvents(`${server.url}/orders/o1`))
  await events.next()
  for (amount = 1; amount < 1_000; amount++) {
    changes.wake()
    await new Promise((resolve) => setImmediate(resolve))
  }
  let last: unknown
  do last = (await events.next())!.data
  while ((last as { total: { amount: number } }).total.amount < 1_000)
  expect(most).toBe(1)
  expect(asked).toBeLessThan(200)
})

test('what fails at first is an ordinary problem', async () => {
  const { server, state, watch } = await watched()
  state.error = orders.byId.errors.NotFound({ orderId: 'o1' })
  const refused = await watch()
  expect([refused.response.status, refused.response.headers.get('content-type')]).toEqual([404, 'application/problem+json'])
  expect(await refused.response.json()).toMatchObject({ code: 'NotFound' })
  const token = await watch({ authorization: 'Bearer bad' })
  expect(token.response.status).toBe(401)
  const input = keep(await readEvents(`${server.url}/orders/o1/lines/two`))
  expect(input.response.status).toBe(400)
})

test('what fails later is the last event', async () => {
  const { state, changes, watch } = await watched()
  const events = await watch()
  await events.next()
  state.error = orders.byId.errors.NotFound({ orderId: 'o1' })
  changes.wake()
  expect(await events.next()).toMatchObject({ event: 'problem', data: { code: 'NotFound', status: 404, instance: '/orders/o1' } })
  expect(await events.next()).toBeUndefined()
  expect(events.comments).toEqual(['the query cannot be answered any more'])
})

test('a fault that ends a stream is logged, and tells nothing of the inside', async () => {
  const error = vi.fn<(message: string, fields?: Readonly<Record<string, unknown>>) => void>()
  const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error }
  const { state, changes, watch } = await watched({ log })
  const events = await watch()
  await events.next()
  state.error = new Error('relation "orders" does not exist')
  changes.wake()
  const last = await events.next()
  expect(last).toMatchObject({ event: 'problem', data: { code: 'internal' } })
  expect(JSON.stringify(last)).not.toContain('relation')
  expect(error).toHaveBeenCalledWith(expect.any(String), expect.objectContaining({ error: state.error, operation: 'byId' }))
})

test('a token is looked at each time: the stream ends with it', async () => {
  let expired = false
  const { watch } = await watched({
    authenticate: () => {
      if (expired) throw new BanyanError('unauthenticated', 'the token expired')
      return { subject: 'u1', roles: [], tenant: 'default', scopes: [], attributes: {}, has: () => false }
    },
  })
  const events = await watch({ authorization: 'Bearer good' })
  await events.next()
  expired = true
  expect(await events.next()).toMatchObject({ event: 'problem', data: { code: 'unauthenticated', status: 401 } })
  expect(await events.next()).toBeUndefined()
})

test('signs of life, and an end that asks to come back', async () => {
  const { watch } = await watched({ limits: { heartbeatMs: 20, watchMs: 200 } })
  const events = await watch()
  await events.next()
  expect(await events.next()).toBeUndefined()
  expect(events.comments).toContain('still here')
  expect(events.comments.at(-1)).toContain('come back')
})

test('a server that closes lets those who watch go', async () => {
  const { server, watch } = await watched()
  const events = await watch()
  await events.next()
  const drained = server.drain(10_000)
  expect(await events.next()).toBeUndefined()
  expect(events.comments).toEqual(['the server is closing; come back'])
  await drained
})

/** A server that counts the looks at each order. */
async function counting(answer: (orderId: string, looks: number) => string) {
  const changes = new Wakeup()
  const looks = new Map<string, number>()
  const invoke = checked(async (_operation, input) => {
    const { orderId } = input as { orderId: string }
    const count = (looks.get(orderId) ?? 0) + 1
    looks.set(orderId, count)
    return { orderId: answer(orderId, count), total: { amount: 1, currency: 'EUR' } }
  })
  const server = keep(await serve(invoke, { changes: () => changes, limits: { watchers: 2 } }))
  return {
    server,
    looks,
    watch: async (orderId: string) => keep(await readEvents(`${server.url}/orders/${orderId}`)),
    /** Gives hints until there were so many more looks at an order. */
    async until(orderId: string, more: number) {
      for (const enough = (looks.get(orderId) ?? 0) + more; looks.get(orderId)! < enough;) {
        changes.wake()
        await new Promise((resolve) => setImmediate(resolve))
      }
    },
  }
}

test('nothing is looked at for those who left', async () => {
  const { looks, watch, until } = await counting((orderId) => orderId)
  const [left, stays] = [await watch('left'), await watch('stays')]
  await left.next()
  await stays.next()
  await left[Symbol.asyncDispose]()
  // there is a place again once the server knows
  await vi.waitFor(async () => expect((await watch('next')).response.status).toBe(200), 60_000)
  const before = looks.get('left')
  await until('stays', 5)
  expect(looks.get('left')).toBe(before)
})

test('a client that takes nothing is not sent more and more', async () => {
  const { server, looks, watch, until } = await counting((orderId, count) => (orderId === 'slow' ? `${count}${'x'.repeat(4 * 1024 * 1024)}` : orderId))
  const slow = await open(server.port)
  slow.socket.pause()
  slow.socket.write('GET /orders/slow HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\n\r\n')
  await watch('quick')
  await vi.waitFor(() => expect(looks.get('slow')).toBeGreaterThan(0), 60_000)
  await until('quick', 15)
  // what the buffers of the system hold is all that was made
  expect(looks.get('slow')).toBeLessThan(8)
  await server.drain(100)
  slow.socket.destroy()
})

test('there are so many places for those who watch, and they are no places of others', async () => {
  const { server, watch } = await watched({ limits: { watchers: 2, inFlight: 1 } })
  await (await watch()).next()
  await (await watch()).next()
  const third = await watch()
  expect([third.response.status, third.response.headers.get('retry-after')]).toEqual([503, '1'])
  expect(await third.response.json()).toMatchObject({ code: 'overloaded' })
  expect(await send(server, 'GET', '/orders/o1')).toMatchObject({ status: 200, json: total(1) })
})

test('only who asks for events, of a query that has an answer, is kept', async () => {
  const { server } = await watched()
  const accept = async (types: string, path = '/orders/o1', method = 'GET') => (await send(server, method, path, undefined, { accept: types })).headers
  for (const types of ['application/json', '*/*', 'text/html, */*', 'application/json, text/event-stream'])
    expect(await accept(types)).toMatchObject({ 'content-type': 'application/json' })
  expect(await accept('text/event-stream', '/orders/o1', 'HEAD')).toMatchObject({ 'content-type': 'application/json' })
  expect((await send(server, 'GET', '/ping', undefined, { accept: 'text/event-stream' })).status).toBe(204)
  expect(await accept('text/event-stream', '/poke', 'POST')).toMatchObject({ 'content-type': 'application/json' })
})
