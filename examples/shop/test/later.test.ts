import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { openShop, type OpenShop } from './open.ts'
import { visit, type Visit } from './visit.ts'

let shop: OpenShop
let visitor: Visit
beforeAll(async () => {
  shop = await openShop()
  visitor = visit(shop)
}, 60_000)
afterAll(async () => {
  vi.unstubAllEnvs()
  await shop[Symbol.asyncDispose]()
})

test('a parcel takes a while to pack, and nobody has to look', async () => {
  vi.stubEnv('SHOP_PACKING', '300ms')
  const orderId = await visitor.order('bo', await visitor.product(1), 1)
  await expect.poll(() => visitor.statusOf(orderId), { timeout: 20_000 }).toBe('shipped')
})

test('goods are kept for a while, and then are anybody’s again', async () => {
  vi.stubEnv('SHOP_RESERVATION', '300ms')
  const sku = await visitor.product(5)
  const orderId = await visitor.order('ada', sku, 3, 'tok_later')
  await expect.poll(() => visitor.statusOf(orderId), { timeout: 20_000 }).toBe('cancelled: expired')
  await shop.quiet()
  expect(await visitor.staff.inventory.level({ sku })).toEqual({ sku, available: 5, reserved: 0 })
})
