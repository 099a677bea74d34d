import { expect, test } from 'vitest'
import { describedRoutes, filled, member, openSurface } from './surface.ts'

// OWASP API1:2023, Broken Object Level Authorization
const surface = openSurface()

test('who knows the id of another’s order gets nothing of it, on any route', async () => {
  const { http, product, order, shop } = surface()
  const orderId = await order('ada', await product(3), 1)
  await shop.quiet()
  const open = new Set(['anyone'])
  for (const { method, path } of (await describedRoutes({ http })).filter((route) => /\{orderId\}/.test(route.path) && !open.has(route.rule))) {
    const answer = await http(method, filled(path.replace('{orderId}', orderId)), {
      as: 'bo',
      ...(method === 'GET' ? {} : { body: { items: [{ sku: 'TEA-001', quantity: 1 }], reason: 'x' } }),
    })
    expect([method, path, answer.status]).toEqual([method, path, expect.toSatisfy((status: number) => [400, 403, 404].includes(status))])
    // ids are hexadecimal, in which `ada` and 1000 may stand by chance
    const { traceId, ...said } = answer.body as { readonly traceId: string }
    expect([path, traceId, JSON.stringify(said).replaceAll(orderId, '')]).toEqual([path, expect.any(String), expect.not.stringMatching(/ada|1000|shipped/)])
  }
})

test('another’s account is not seen, and says why', async () => {
  const { http } = surface()
  const [own, other] = [await member({ http }), await member({ http })]
  const answer = await http('GET', `/users/${other.userId}`, { token: own.accessToken })
  expect(answer).toMatchObject({ status: 403, body: { details: { why: { rule: 'owner or role staff', verdict: 'fails' } } } })
  expect(JSON.stringify(answer.body)).not.toContain(other.email)
})

test('lists hold one’s own alone', async () => {
  const { http, product, order, shop } = surface()
  await order('carl', await product(3), 1)
  await shop.quiet()
  expect(await http('GET', '/orders', { as: 'dora' })).toMatchObject({ status: 200, body: { items: [] } })
  expect(await http('GET', '/notifications', { as: 'dora' })).toMatchObject({ status: 200, body: { items: [] } })
})

test('an idempotency key of another is not a way to his answers', async () => {
  const { http, product } = surface()
  const body = { lines: [{ sku: await product(5), quantity: 1 }], card: 'tok_ok' }
  const send = (as: string) => http('POST', '/orders', { as, body, key: 'a key that is guessed'.replaceAll(' ', '-') })
  const [ada, bo] = [await send('ada'), await send('bo')]
  expect([ada.status, bo.status]).toEqual([200, 200])
  expect(ada.body).not.toEqual(bo.body)
})
