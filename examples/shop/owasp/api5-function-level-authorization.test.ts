import { expect, test } from 'vitest'
import { describedRoutes, filled, openSurface } from './surface.ts'

// OWASP API5:2023, Broken Function Level Authorization
const surface = openSurface()

test('what is for the staff refuses every customer, whatever the input', async () => {
  const { http } = surface()
  const staff = (await describedRoutes({ http })).filter(({ rule }) => rule === 'role staff')
  expect(staff.length).toBeGreaterThan(10)
  for (const { method, path } of staff) {
    const answer = await http(method, filled(path), { as: 'ada', ...(method === 'GET' ? {} : { body: {} }) })
    expect([method, path, answer]).toMatchObject([
      method,
      path,
      { status: 403, body: { code: 'forbidden', details: { why: { rule: 'role staff', verdict: 'fails' } } } },
    ])
  }
})

test('another method, or a header that asks for one, is no way around', async () => {
  const { http, shop } = surface()
  const bearer = `Bearer ${await shop.token({ subject: 'ada', roles: ['customer'] })}`
  for (const name of ['x-http-method-override', 'x-http-method', 'x-method-override']) {
    const response = await fetch(`${shop.url}/products/TEA-001/price`, {
      method: 'POST',
      headers: { authorization: bearer, [name]: 'PUT', 'content-type': 'application/json' },
      body: '{}',
    })
    expect([name, response.status]).toEqual([name, 405])
  }
  for (const name of ['x-user-id', 'x-roles', 'x-forwarded-user', 'x-original-url', 'x-rewrite-url']) {
    const response = await fetch(`${shop.url}/ledgers/orders`, { headers: { authorization: bearer, [name]: 'staff' } })
    expect([name, response.status]).toEqual([name, 403])
  }
  expect((await http('GET', '/LEDGERS/orders', { as: 'ada' })).status).toBe(404)
})

test('what units say to each other is for units alone', async () => {
  const { http } = surface()
  for (const path of ['/~/payments/charge', '/~/orders/ledger', '/~/users/byEmail', '/~/nothing/there']) {
    for (const who of [{}, { as: 'ada' }, { as: 'cleo', roles: ['staff'] }]) {
      expect([path, (await http('POST', path, { ...who, body: {} })).status]).toEqual([path, 401])
    }
  }
})
