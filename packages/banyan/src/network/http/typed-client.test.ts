import { expect, test } from 'vitest'
import { checked, orders, serve, type Invoke } from '../../../test/http/fixture.ts'
import { opened } from '../../../test/http/stack.ts'
import { BanyanError } from '../../kernel/errors.ts'
import { uuidv7 } from '../../kernel/id.ts'
import type { Envelope } from '../envelope.ts'
import { client, type HttpClient } from './typed-client.ts'

const keep = opened()

async function connected(invoke: Invoke, token?: () => Promise<string | undefined>): Promise<HttpClient<{ orders: typeof orders }>> {
  const server = keep(await serve(invoke))
  return keep(client({ orders }, { url: server.url, ...(token ? { token } : {}) }))
}

test('operations are called by name, wherever their input stands', async () => {
  const seen: unknown[] = []
  const app = await connected(
    checked((operation, input) => {
      seen.push([operation.name, input])
      if (operation.name === 'place') return { orderId: 'o1' }
      return operation.name === 'byId' ? { orderId: 'o1', total: { amount: 3, currency: 'EUR' } } : input
    }),
  )
  const { orderId } = await app.orders.place({ lines: [{ sku: 'a', quantity: 2 }] })
  const order = await app.orders.byId({ orderId: `${orderId}/ü?` })
  expect(order.total.amount).toBe(3)
  await app.orders.cancel({ orderId, reason: 'late & sorry' })
  await app.orders.search({ skus: ['x', 'y'], paid: true, limit: 3, ratings: [1, 2.5], price: { from: 1 } })
  await app.orders.search({ skus: [] })
  expect(await app.orders.ping()).toBeUndefined()
  expect(seen).toEqual([
    ['place', { lines: [{ sku: 'a', quantity: 2 }], note: '' }],
    ['byId', { orderId: 'o1/ü?' }],
    ['cancel', { orderId: 'o1', reason: 'late & sorry' }],
    ['search', { skus: ['x', 'y'], paid: true, limit: 3, ratings: [1, 2.5], price: { from: 1 } }],
    ['search', { skus: [], limit: 20 }],
    ['ping', undefined],
  ])
})

test('failures are thrown, or given as a value', async () => {
  const app = await connected(checked(() => Promise.reject(orders.byId.errors.NotFound({ orderId: 'o1' }))))
  await expect(app.orders.byId({ orderId: 'o1' })).rejects.toSatisfy(orders.byId.errors.NotFound.is)
  const result = await app.orders.byId.result({ orderId: 'o1' })
  expect(result).toMatchObject({ ok: false, error: { code: 'NotFound', details: { orderId: 'o1' } } })
  const wrong = await app.orders.place.result({ lines: [] })
  expect(wrong.ok ? undefined : BanyanError.is(wrong.error, 'invalid_input')).toBe(true)
})

test('what an overloaded service asks to wait is in the error', async () => {
  const app = await connected(checked(() => Promise.reject(new BanyanError('overloaded', 'a queue is full'))))
  await expect(app.orders.ping()).rejects.toMatchObject({ code: 'overloaded', details: { retryAfterMs: 1_000 } })
})

test('token, key and deadline go with the call', async () => {
  let envelope: Envelope | undefined
  const app = await connected(
    checked((_operation, _input, received) => void (envelope = received)),
    async () => 'good',
  )
  const key = uuidv7()
  await app.orders.poke({}, { idempotencyKey: key, deadline: '300ms' })
  expect(envelope).toMatchObject({ key, identity: { subject: 'u1' } })
  expect(envelope?.deadline.left()).toBeLessThanOrEqual(300)
  await app.orders.poke({})
  expect(envelope?.key).not.toBe(key)
})

test('an operation without a route says so', async () => {
  const app = await connected(checked(() => undefined))
  await expect(app.orders.secretly({ n: 1 })).rejects.toMatchObject({ code: 'invalid_configuration', message: expect.stringContaining('no HTTP route') })
})

test('a wrong address is refused at once', () => {
  expect(() => client({ orders }, { url: 'localhost:3000' })).toThrow(expect.objectContaining({ code: 'invalid_configuration' }))
})
