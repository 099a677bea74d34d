import { start } from 'banyan'
import { testInstallation } from 'banyan/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import config from '../banyan.config.ts'
import { orders } from '../orders/contract.ts'

// all services in one process, on a real PostgreSQL, with schemas of their own that go afterwards
const installation = await testInstallation()
const running = await start(config, installation.options)
afterAll(async () => {
  await running[Symbol.asyncDispose]()
  await installation[Symbol.asyncDispose]()
})

const staff = running.as({ subject: 'the staff', roles: ['staff'] })
const as = (subject: string) => running.as({ subject, roles: ['customer'] })

beforeAll(async () => {
  await staff.catalog.add({ sku: 'TEA', name: 'Tea', price: 450 })
  await staff.catalog.add({ sku: 'PIANO', name: 'Piano', price: 900_000 })
})

test('an order is placed at once, and paid a moment later', async () => {
  const { orderId } = await as('ada').orders.place({ lines: [{ sku: 'TEA', quantity: 2 }] })
  // until everything that has happened is delivered, reacted to and projected
  await running.quiet()
  expect(await as('ada').orders.byId({ orderId })).toMatchObject({ status: 'paid', total: 900 })
  expect(await as('ada').orders.mine({})).toEqual([{ orderId, status: 'paid', total: 900 }])
})

test('one that is too dear is declined', async () => {
  const { orderId } = await as('bo').orders.place({ lines: [{ sku: 'PIANO', quantity: 1 }] })
  await running.quiet()
  expect(await as('bo').orders.byId({ orderId })).toMatchObject({ status: 'declined' })
})

test('what the shop does not sell is refused', async () => {
  const answer = await as('ada').orders.place.result({ lines: [{ sku: 'HAT', quantity: 1 }] })
  expect(!answer.ok && orders.place.errors.UnknownProduct.is(answer.error)).toBe(true)
})

test('over HTTP, an order is seen by its customer only', async () => {
  const { orderId } = await as('ada').orders.place({ lines: [{ sku: 'TEA', quantity: 1 }] })
  const look = async (subject: string) => {
    const token = await running.token({ subject, roles: ['customer'] })
    return (await fetch(`${running.url}/orders/${orderId}`, { headers: { authorization: `Bearer ${token}` } })).status
  }
  expect([await look('ada'), await look('bo')]).toEqual([200, 403])
})
