import { expect, test } from 'vitest'
import { openSurface } from './surface.ts'

// OWASP API4:2023, Unrestricted Resource Consumption
const surface = openSurface()

test('bodies, pages, orders and texts have an end', async () => {
  const { http } = surface()
  const lines = (count: number) => Array.from({ length: count }, () => ({ sku: 'TEA-001', quantity: 1 }))
  expect((await http('POST', '/orders', { as: 'ada', body: { lines: lines(21), card: 'tok_ok' } })).status).toBe(400)
  expect((await http('POST', '/orders', { as: 'ada', body: { lines: lines(1), card: 'tok_ok', note: 'x'.repeat(1_100_000) } })).status).toBe(413)
  for (const limit of ['101', '1e9', '-1', '0', 'all']) expect([limit, (await http('GET', `/products?limit=${limit}`)).status]).toEqual([limit, 400])
  expect((await http('GET', `/products?q=${'x'.repeat(101)}`)).status).toBe(400)
  expect((await http('POST', '/sessions', { body: { email: 'ada@example.com', password: 'x'.repeat(201) } })).status).toBe(400)
})

test('deeply nested JSON is refused without harm', async () => {
  const { http, shop } = surface()
  const deep = '['.repeat(200_000) + ']'.repeat(200_000)
  const headers = { authorization: `Bearer ${await shop.token({ subject: 'ada', roles: ['customer'] })}`, 'content-type': 'application/json' }
  const response = await fetch(`${shop.url}/orders`, { method: 'POST', headers, body: deep })
  expect(response.status).toBe(400)
  expect((await http('GET', '/products')).status).toBe(200)
})

test('nobody gets more time than the shop gives', async () => {
  const { shop } = surface()
  const asked = (ms: string) => fetch(`${shop.url}/products`, { headers: { 'banyan-deadline-ms': ms } })
  expect((await asked('999999999')).status).toBe(200)
  for (const ms of ['-1', 'NaN', '1e3', '9'.repeat(30)]) expect([ms, (await asked(ms)).status]).toEqual([ms, 400])
})
