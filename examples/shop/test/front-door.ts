import { expect, test } from 'vitest'
import { seed } from '../seed.ts'
import type { Visit } from './visit.ts'

/** What the shop answers over HTTP, to right and wrong requests. */
export function frontDoor(visit: () => Visit): void {
  test('anyone may look at products, page by page', async () => {
    const { http } = visit()
    const first = await http('GET', '/products?limit=2')
    expect(first).toMatchObject({ status: 200, body: { items: [{ sku: 'BKS-001' }, { sku: 'BLK-001' }], next: 'BLK-001' } })
    expect(await http('GET', '/products?limit=1&after=BLK-001')).toMatchObject({ status: 200, body: { items: [{ sku: 'CLK-001' }] } })
    expect(await http('GET', '/products/TEA-001')).toMatchObject({ status: 200, body: { name: 'Smoked pine tea', price: { amount: 1250, currency: 'EUR' } } })
    expect(await http('GET', '/products/TEA-999')).toMatchObject({ status: 404, body: { code: 'NotFound', details: { sku: 'TEA-999' } } })
    expect(await http('GET', '/stock/CLK-001')).toMatchObject({ status: 200, body: { available: 0 } })
  })

  test('products are found by their words, the last of which may be only begun', async () => {
    const { http } = visit()
    const skus = async (q: string) =>
      ((await http('GET', `/products?q=${encodeURIComponent(q)}`)).body as { items: { sku: string }[] }).items.map(({ sku }) => sku)
    expect(await skus('tea')).toEqual(['POT-001', 'TEA-001', 'TEA-002'])
    expect(await skus('Tea smo')).toEqual(['TEA-001'])
    expect(await skus('tea-002')).toEqual(['TEA-002'])
    expect(await skus('LISBON')).toEqual(['CUP-002'])
    expect(await skus("' | !:* <->")).toContain('BKS-001')
    expect(await skus('no such thing')).toEqual([])
    expect(await http('GET', '/products?q=tea&limit=1')).toMatchObject({ body: { items: [{ sku: 'POT-001' }], next: 'POT-001' } })
  })

  test('a price may be set for later, and holds until the next', async () => {
    const { http, staff, product, shop } = visit()
    const sku = await product(1)
    const price = (amount: number) => ({ amount, currency: 'EUR' as const })
    await staff.catalog.reprice({ sku, price: price(1200), from: '2040-01-01T00:00:00Z' })
    await staff.catalog.reprice({ sku, price: price(900), from: '2020-01-01T00:00:00Z' })
    expect(await http('GET', `/products/${sku}`)).toMatchObject({ body: { price: price(1000) } })
    expect(await shop.call.catalog.prices({ skus: [sku, 'HAT-404'], at: '2040-06-01T00:00:00Z' })).toEqual({ [sku]: price(1200) })
    expect(await shop.call.catalog.prices({ skus: [sku], at: '2020-06-01T00:00:00Z' })).toEqual({ [sku]: price(900) })
    expect(await shop.call.catalog.prices({ skus: [sku], at: '2019-06-01T00:00:00Z' })).toEqual({})
    const { items } = await staff.catalog.priceList({ sku })
    expect(items.map(({ price }) => price.amount)).toEqual([1200, 1000, 900])
    expect(items[0]).toEqual({ price: price(1200), from: '2040-01-01T00:00:00.000Z' })
  })

  test('an order needs a customer', async () => {
    const { http } = visit()
    const body = { lines: [{ sku: 'TEA-001', quantity: 1 }], card: 'tok_ok' }
    expect(await http('POST', '/orders', { body })).toMatchObject({ status: 401, body: { code: 'unauthenticated' } })
    expect(await http('POST', '/orders', { body, as: 'cleo', roles: ['staff'] })).toMatchObject({ status: 403, body: { code: 'forbidden' } })
    expect(await http('POST', '/products', { body: {}, as: 'ada' })).toMatchObject({ status: 403, body: { code: 'forbidden' } })
  })

  test('the description of the API says who needs a token', async () => {
    const { http } = visit()
    const { paths } = (await http('GET', '/openapi.json')).body as { paths: Record<string, Record<string, unknown>> }
    expect(paths['/products']).toMatchObject({ get: { security: [], description: 'For anyone.' }, post: { security: [{ bearer: [] }] } })
    expect(paths['/orders']).toMatchObject({ post: { security: [{ bearer: [] }], responses: { 401: {}, 403: {}, 422: {} } } })
    expect(paths['/orders/{orderId}']).toMatchObject({ get: { description: 'For owner or role staff.' } })
    expect(JSON.stringify(paths)).not.toContain('payments.charge')
  })

  test('everything that is wrong with an order is said at once', async () => {
    const { http } = visit()
    const body = { lines: [{ sku: 'tea', quantity: 0 }], card: 'my card' }
    const answer = await http('POST', '/orders', { body, as: 'ada' })
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_input' } })
    const { issues } = answer.body as { issues: { path: string }[] }
    expect(issues.map(({ path }) => path).sort()).toEqual(['/card', '/lines/0/quantity', '/lines/0/sku'])
  })

  test('what is not sold here is refused by name', async () => {
    const { http } = visit()
    const body = { lines: [{ sku: 'HAT-404', quantity: 1 }], card: 'tok_ok' }
    expect(await http('POST', '/orders', { body, as: 'ada' })).toMatchObject({ status: 422, body: { code: 'UnknownProduct', details: { sku: 'HAT-404' } } })
  })

  test('an order is its customer’s business, and the staff’s', async () => {
    const { http, product, order } = visit()
    const orderId = await order('ada', await product(1), 1)
    expect(await http('GET', `/orders/${orderId}`, { as: 'ada' })).toMatchObject({ status: 200, body: { customerId: 'ada' } })
    expect(await http('GET', `/orders/${orderId}`, { as: 'cleo', roles: ['staff'] })).toMatchObject({ status: 200 })
    expect(await http('GET', `/orders/${orderId}`, { as: 'bo' })).toMatchObject({ status: 403, body: { code: 'forbidden' } })
    expect(await http('POST', `/orders/${orderId}/cancel`, { as: 'bo' })).toMatchObject({ status: 403, body: { code: 'NotYours' } })
    expect(await http('POST', '/orders/none/cancel', { as: 'bo' })).toMatchObject({ status: 404, body: { code: 'NotFound' } })
  })

  test('the same Idempotency-Key is the same order', async () => {
    const { shop, http, product } = visit()
    const body = { lines: [{ sku: await product(5), quantity: 1 }], card: 'tok_ok' }
    const send = () => http('POST', '/orders', { as: 'dora', body, key: 'one-click' })
    const [first, ...repeats] = [await send(), ...(await Promise.all([send(), send()]))]
    expect(first.status).toBeLessThan(300)
    expect(repeats).toEqual([first, first])
    const other = await http('POST', '/orders', { as: 'dora', body: { ...body, card: 'tok_twice' }, key: 'one-click' })
    expect(other).toMatchObject({
      status: 422,
      body: { code: 'key_reused', detail: expect.stringContaining('the idempotency key one-click was used before') as string },
    })
    await shop.quiet()
    expect(await http('GET', '/orders', { as: 'dora' })).toMatchObject({ status: 200, body: { items: [{ status: 'shipped' }], next: null } })
  })

  test('a customer’s orders come newest first, page by page', async () => {
    const { shop, customer, product, order } = visit()
    const sku = await product(9)
    const placed: string[] = []
    for (const quantity of [1, 2, 3]) placed.unshift(await order('emil', sku, quantity))
    await shop.quiet()
    const first = await customer('emil').orders.mine({ limit: 2 })
    const second = await customer('emil').orders.mine({ limit: 2, after: first.next! })
    expect([...first.items, ...second.items].map(({ orderId }) => orderId)).toEqual(placed)
    expect(second.next).toBeNull()
  })

  test('seeding again adds nothing', async () => {
    const { shop, staff } = visit()
    const before = await staff.inventory.movements({ sku: 'TEA-001' })
    await seed(shop.call)
    await shop.quiet()
    expect(await staff.inventory.movements({ sku: 'TEA-001' })).toEqual(before)
  })
}
