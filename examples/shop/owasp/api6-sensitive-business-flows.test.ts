import { expect, test } from 'vitest'
import { openSurface } from './surface.ts'

// OWASP API6:2023, Unrestricted Access to Sensitive Business Flows
const surface = openSurface()

test('many buyers at once do not get more than there is', async () => {
  const { http, product, staff, shop } = surface()
  const sku = await product(5)
  const body = { lines: [{ sku, quantity: 1 }], card: 'tok_ok' }
  await Promise.all(Array.from({ length: 20 }, (_, nth) => http('POST', '/orders', { as: `buyer ${nth}`, body })))
  await shop.quiet()
  const { items } = await staff.inventory.movements({ sku, limit: 100 })
  expect(items.filter(({ kind }) => kind === 'sold')).toHaveLength(5)
  expect(await http('GET', `/stock/${sku}`)).toMatchObject({ body: { available: 0, reserved: 0 } })
})

test('one customer cannot take the shelf with one order', async () => {
  const { http, product } = surface()
  const answer = await http('POST', '/orders', { as: 'ada', body: { lines: [{ sku: await product(500), quantity: 100 }], card: 'tok_ok' } })
  expect(answer).toMatchObject({ status: 400, body: { issues: [{ path: '/lines/0/quantity' }] } })
})

test('what is sent ten times under one key happens once', async () => {
  const { http, product, shop } = surface()
  const body = { lines: [{ sku: await product(20), quantity: 1 }], card: 'tok_ok' }
  const answers = await Promise.all(Array.from({ length: 10 }, () => http('POST', '/orders', { as: 'twice', body, key: 'ten-clicks' })))
  expect(new Set(answers.map((answer) => JSON.stringify(answer.body))).size).toBe(1)
  await shop.quiet()
  expect(await http('GET', '/orders', { as: 'twice' })).toMatchObject({ body: { items: [{ status: 'shipped' }], next: null } })
})
