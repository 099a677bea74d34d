import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Visitor } from '../../../packages/banyan/test/log-in/visitor.ts'
import { hasRedisServer, NO_REDIS_SERVER } from '../../../packages/banyan/test/redis.ts'
import { EdgeShop } from './edge-shop.ts'

const ways = [
  { topology: 'one', units: ['all'] },
  { topology: 'split', units: ['door', 'sales', 'stock', 'stock'] },
]

test('with a Redis of its own', ({ skip }) => {
  if (!hasRedisServer()) skip(NO_REDIS_SERVER)
})

describe.skipIf(!hasRedisServer()).each(ways)('the shop behind its edge, topology $topology', ({ topology, units }) => {
  let shop: EdgeShop
  let ada: Visitor
  beforeAll(async () => {
    shop = await EdgeShop.open(topology, units)
  }, 90_000)
  afterAll(() => shop?.[Symbol.asyncDispose]())

  test('log in with the identity provider', async () => {
    ada = new Visitor()
    const back = await ada.logInAtProvider(`${shop.door}/auth/login?return_to=/orders`, 'ada')
    expect((await ada.ask(back)).status).toBe(303)
    expect((await ada.ask(`${shop.door}/orders`)).status).toBe(200)
    expect((await fetch(`${shop.door}/orders`)).status).toBe(401)
  })
})
