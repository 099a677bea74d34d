import { expect, test } from 'vitest'
import { member, openSurface } from './surface.ts'

// OWASP API3:2023, Broken Object Property Level Authorization
const surface = openSurface()

test('roles cannot be given to oneself, with a registration or later', async () => {
  const { http } = surface()
  const extra = { roles: ['staff'], userId: 'staff', isAdmin: true, __proto__: { roles: ['staff'] } }
  const body = { email: 'mass@example.com', name: 'Mass', password: 'rain on a tin roof', ...extra }
  await http('POST', '/users', { body })
  const { accessToken } = (await http('POST', '/sessions', { body })).body as { accessToken: string }
  await http('PUT', '/me', { token: accessToken, body: { email: 'mass@example.com', name: 'Mass', ...extra } })
  expect(await http('GET', '/me', { token: accessToken })).toMatchObject({ body: { roles: ['customer'] } })
  expect((await http('GET', '/ledgers/orders', { token: accessToken })).status).toBe(403)
})

test('the price of an order is the shop’s, whatever comes with it', async () => {
  const { http, product, shop } = surface()
  const lines = [{ sku: await product(3), quantity: 1, price: { amount: 1, currency: 'EUR' } }]
  const body = { lines, card: 'tok_ok', total: { amount: 1, currency: 'EUR' }, customerId: 'bo', status: 'shipped' }
  const { orderId } = (await http('POST', '/orders', { as: 'ada', body })).body as { orderId: string }
  await shop.quiet()
  expect(await http('GET', `/orders/${orderId}`, { as: 'ada' })).toMatchObject({ body: { customerId: 'ada', total: { amount: 1000 } } })
})

test('answers have the fields of the contract and no other: neither card nor password', async () => {
  const { http, product, order, shop } = surface()
  const orderId = await order('ada', await product(3), 1)
  await shop.quiet()
  const own = await member({ http })
  const answers = [
    await http('GET', `/orders/${orderId}`, { as: 'ada' }),
    await http('GET', `/payments/${orderId}`, { as: 'ada' }),
    await http('GET', `/shipments/${orderId}`, { as: 'ada' }),
    await http('GET', '/me', { token: own.accessToken }),
    await http('GET', `/users/${own.userId}`, { as: 'cleo', roles: ['staff'] }),
  ]
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
  expect(JSON.stringify(answers)).not.toMatch(/tok_ok|password|scrypt|argon|hash|chargeId|signature/i)
})
