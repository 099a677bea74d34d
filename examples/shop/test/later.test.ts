import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { Tokens } from '../users/contract.ts'
import { openShop, type OpenShop } from './open.ts'
import { visit, type Visit } from './visit.ts'

let shop: OpenShop
let visitor: Visit
beforeAll(async () => {
  shop = await openShop()
  visitor = visit(shop)
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await shop[Symbol.asyncDispose]()
})

test('a parcel takes a while to pack, and nobody has to look', async () => {
  vi.stubEnv('SHOP_PACKING', '300ms')
  const orderId = await visitor.order('bo', await visitor.product(1), 1)
  await expect.poll(() => visitor.statusOf(orderId)).toBe('shipped')
})

test('goods are kept for a while, and then are anybody’s again', async () => {
  vi.stubEnv('SHOP_RESERVATION', '300ms')
  const sku = await visitor.product(5)
  const orderId = await visitor.order('ada', sku, 3, 'tok_later')
  await expect.poll(() => visitor.statusOf(orderId)).toBe('cancelled: expired')
  await shop.quiet()
  expect(await visitor.staff.inventory.level({ sku })).toEqual({ sku, available: 5, reserved: 0 })
})

test('a client that refreshes in two places at once keeps its session; later, a used token ends it', async () => {
  const { http } = visitor
  const body = { email: 'parallel@example.com', name: 'Ada L', password: 'rain on a tin roof' }
  await http('POST', '/users', { body })
  const refresh = async (refreshToken: string) => {
    const answer = await http('POST', '/sessions/refresh', { body: { refreshToken } })
    return { status: answer.status, ...(answer.body as Tokens) }
  }
  const first = (await http('POST', '/sessions', { body })).body as Tokens
  vi.stubEnv('SHOP_REFRESH_GRACE', '3600')
  const both = await Promise.all([refresh(first.refreshToken), refresh(first.refreshToken)])
  expect(both.map(({ status }) => status)).toEqual([200, 200])
  const next = await Promise.all(both.map(({ refreshToken }) => refresh(refreshToken)))
  expect(next.map(({ status }) => status)).toEqual([200, 200])
  vi.stubEnv('SHOP_REFRESH_GRACE', '0')
  expect((await refresh(first.refreshToken)).status).toBe(401)
  expect(await Promise.all(next.map(async ({ refreshToken }) => (await refresh(refreshToken)).status))).toEqual([401, 401])
})
