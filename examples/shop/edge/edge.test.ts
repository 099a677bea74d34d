import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Visitor } from '../../../packages/banyan/test/log-in/visitor.ts'
import { hasRedisServer, NO_REDIS_SERVER } from '../../../packages/banyan/test/redis.ts'
import { EdgeShop } from './edge-shop.ts'
import { failures, traffic } from './traffic.ts'

/** The same story in one process, and divided behind a door that has no services. */
const ways = [
  { topology: 'one', units: ['all'] },
  { topology: 'split', units: ['door', 'sales', 'stock', 'stock'] },
]
const SKU = 'TEA-001'
/** Longer than a unit takes to be missed and found again. */
const PATIENCE = { interval: 50 }

test('with a Redis of its own', ({ skip }) => {
  if (!hasRedisServer()) skip(NO_REDIS_SERVER)
})

describe.skipIf(!hasRedisServer()).each(ways)('the shop behind its edge, topology $topology', ({ topology, units }) => {
  let shop: EdgeShop
  const ada = new Visitor()
  const cleo = new Visitor()
  beforeAll(async () => {
    shop = await EdgeShop.open(topology, units)
  })
  afterAll(() => shop?.[Symbol.asyncDispose]())

  const own = { 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' }
  const get = (path: string, headers: Record<string, string> = {}, at = shop.door) => fetch(at + path, { headers })
  const send = (visitor: Visitor, method: string, path: string, body: unknown) =>
    visitor.ask(shop.door + path, { method, headers: own, body: JSON.stringify(body) })
  const json = async (answer: Response) => (await answer.json()) as Record<string, unknown>
  const prices = `/products/${SKU}/prices`
  const priceAt = async (url: string) => {
    const answer = await get(prices, {}, url)
    return [answer.status, ((await json(answer)) as { items?: { price: { amount: number } }[] }).items?.[0]?.price.amount]
  }
  const reprice = async (amount: number) => {
    expect((await send(cleo, 'PUT', `/products/${SKU}/price`, { price: { amount, currency: 'EUR' } })).status).toBe(204)
  }
  /** All that answer requests, whichever unit they are. */
  const everywhere = async (amount: number) => {
    const all = () => Promise.all(shop.places.map(({ url }) => priceAt(url)))
    await expect.poll(all, PATIENCE).toEqual(shop.places.map(() => [200, amount]))
  }
  /** What each process says of itself. */
  const told = () => shop.statuses()

  async function logIn(visitor: Visitor, name: string): Promise<void> {
    const back = await visitor.logInAtProvider(`${shop.door}/auth/login?return_to=/orders`, name)
    const answer = await visitor.ask(back)
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/orders'])
  }

  test('log in with the identity provider', async () => {
    expect([(await get('/orders')).status, (await json(await get('/orders'))).code]).toEqual([401, 'unauthenticated'])
    await logIn(ada, 'ada')
    await logIn(cleo, 'cleo')
    expect(await json(await ada.ask(`${shop.door}/auth/session`))).toMatchObject({ subject: 'ada', roles: ['customer'] })
    expect(await json(await ada.ask(`${shop.door}/orders`))).toEqual({ items: [], next: null })
    expect((await send(cleo, 'POST', '/products', { sku: SKU, name: 'Tea', description: '', price: { amount: 1000, currency: 'EUR' } })).status).toBe(204)
    await everywhere(1000)
  })

  test('be refused with a reason', async () => {
    const answer = await ada.ask(`${shop.door}/ledgers/orders`)
    expect([answer.status, await json(answer)]).toMatchObject([403, { code: 'forbidden', detail: expect.stringContaining('staff') }])
    const why = JSON.parse(await shop.banyan('access', 'orders.ledger', '--as', 'customer', '--json')) as object
    expect(why).toMatchObject({ access: 'role staff', why: { verdict: 'fails' } })
    const refused = await shop.banyan('audit', 'orders', '--refused', '--subject', 'ada', '--json')
    expect(JSON.parse(refused.split('\n')[0]!)).toMatchObject({ decision: 'refused', operation: 'ledger', subject: 'ada', lacks: ['role staff'] })
  })

  /** Wrong passwords all at the same time, at the door and at another process by turns; answers what came of each. */
  function guesses(email: string, count: number, doors = [shop.door, shop.places.at(1)?.url ?? shop.door]): Promise<Response[]> {
    const request = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ email, password: 'a guess' }) }
    return Promise.all(Array.from({ length: count }, (_, number) => fetch(`${doors[number % doors.length]}/sessions`, request)))
  }
  /** Ten at once, and one comes back every six seconds. */
  async function limitedTogether(email: string): Promise<readonly Response[]> {
    const from = performance.now()
    const answers = await guesses(email, 14)
    const admitted = answers.filter(({ status }) => status === 401).length
    expect(admitted).toBeGreaterThanOrEqual(10)
    expect(admitted).toBeLessThanOrEqual(10 + Math.ceil((performance.now() - from) / 6_000))
    expect(answers.length - admitted).toBe(answers.filter(({ status }) => status === 429).length)
    return answers
  }

  test('be limited, all processes together', async () => {
    const answers = await limitedTogether('ada@shop.example')
    const refused = answers.find(({ status }) => status === 429)!
    expect(refused.headers.get('retry-after')).toMatch(/^[1-6]$/)
    expect(refused.headers.get('ratelimit-policy')).toContain('"account";q=10;w=60')
    expect(refused.headers.get('ratelimit')).toContain('"account";r=0;t=')
    expect(await json(refused)).toMatchObject({ code: 'rate_limited', status: 429 })
    const votes = await Promise.all(Array.from({ length: 8 }, () => fetch(`${shop.door}/reviews/${SKU}/votes`, { method: 'POST' })))
    expect(new Set(votes.map(({ status }) => status))).toEqual(new Set([202, 429]))
  })

  test('be served from the cache, and see a change everywhere', async () => {
    await get(prices)
    const hit = await get(prices)
    expect(hit.headers.get('cache-status')).toMatch(/^banyan; hit; ttl=\d+$/)
    const etag = hit.headers.get('etag')!
    expect((await get(prices, { 'if-none-match': etag })).status).toBe(304)
    await Promise.all(shop.places.map(({ url }) => get(prices, {}, url)))
    await reprice(1100)
    await everywhere(1100)
    const after = await get(prices, { 'if-none-match': etag })
    expect([after.status, after.headers.get('etag') === etag]).toEqual([200, false])

    const review = await get(`/reviews/${SKU}`)
    expect(review.status).toBe(200)
    expect((await get(`/reviews/${SKU}`)).headers.get('cache-status')).toMatch(/^banyan; hit; ttl=/)
  })

  test('see why: what runs, how it fares, and what came of the gateway', async () => {
    const described = JSON.parse(await shop.banyan('services', 'catalog', '--topology', topology, '--json')) as { operations: { name: string }[] }[]
    expect(described[0]!.operations.map(({ name }) => name)).toContain('priceList')
    for (const status of await told()) expect(status).toMatchObject({ state: 'ready', cache: { redis: 'healthy' } })
    const [door] = await told()
    expect(door!.gateway).toMatchObject({ routes: { 'GET /reviews/:sku': { to: 'reviews', policies: ['limit', 'cache'] } } })
  })

  const business = () =>
    traffic({
      prices: () => get(prices),
      product: () => get(`/products/${SKU}`),
      orders: () => ada.ask(`${shop.door}/orders`),
      reviews: () => get(`/reviews/${SKU}`),
    })

  test('kill Redis meanwhile: answers go on, and nothing old is served when it is back', async () => {
    const customers = business()
    await customers.more(20)
    await shop.redis.kill()
    await customers.more(60)
    await expect.poll(async () => (await told()).map(({ cache }) => cache?.redis), PATIENCE).toEqual(shop.places.map(() => 'away'))
    expect(shop.log).toMatch(/Redis at 127\.0\.0\.1:\d+ is away/)
    // each process counts for itself now
    expect((await guesses('bo@shop.example', 20, [shop.door])).map(({ status }) => status)).toContain(429)
    await reprice(1200)
    await everywhere(1200)
    await customers.more(40)
    await shop.redis.start()
    await expect.poll(async () => (await told()).map(({ cache }) => cache?.redis), PATIENCE).toEqual(shop.places.map(() => 'healthy'))
    const since = await customers.more(60)
    expect(since.filter(({ what, body }) => what === 'prices' && !body.includes('"amount":1200'))).toEqual([])
    expect(failures(await customers.stop())).toEqual([])
    // shared again
    await limitedTogether('cy@shop.example')
    await reprice(1300)
    await everywhere(1300)
  })

  test('kill the foreign server meanwhile: the shop goes on, what is kept is served, the rest is refused', async () => {
    const customers = business()
    await customers.more(20)
    await shop.killReviews()
    await expect
      .poll(async () => (await get(`/reviews/${SKU}`)).headers.get('cache-status'), PATIENCE)
      .toMatch(/^banyan; fwd=stale; .*detail="stale-if-error"$/)
    const refused = await get('/reviews/POT-001')
    expect([refused.status, await json(refused)]).toMatchObject([503, { code: 'unavailable', executed: 'no' }])
    await customers.more(60)
    expect(failures(await customers.stop())).toEqual([])
    await shop.startReviews()
    await expect.poll(async () => (await get('/reviews/POT-001')).status, PATIENCE).toBe(200)
  })

  if (topology === 'one')
    test('kill -9 the only unit: the door is shut, and what was there is there when it comes back', async () => {
      const [all] = shop.places
      await shop.kill(all!)
      // a connection that was open before ends in other ways
      const outcome = () => get(prices).catch(({ cause }: Error) => (cause as NodeJS.ErrnoException).code)
      await expect.poll(outcome, PATIENCE).toBe('ECONNREFUSED')
      await shop.start(all!)
      expect((await ada.ask(`${shop.door}/orders`)).status).toBe(200)
      expect(await priceAt(shop.door)).toEqual([200, 1300])
      expect((await get(`/reviews/${SKU}`)).status).toBe(200)
      await reprice(1400)
      await everywhere(1400)
    })
  else
    test('kill -9 units meanwhile: their routes refuse, the others go on, and they come back', async () => {
      const [sales] = shop.of('sales')
      const [stock] = shop.of('stock')
      const customers = business()
      await customers.more(20)
      // one of two: nobody notices
      await shop.kill(stock!)
      await customers.more(60)
      expect(failures(await customers.stop())).toEqual([])
      await shop.start(stock!)

      await shop.kill(sales!)
      const others = traffic({ prices: () => get(prices), reviews: () => get(`/reviews/${SKU}`) })
      await expect.poll(async () => (await ada.ask(`${shop.door}/orders`)).status, PATIENCE).toBe(503)
      const refused = await ada.ask(`${shop.door}/orders`)
      expect([refused.status, await json(refused)]).toMatchObject([503, { code: 'unavailable', executed: 'no' }])
      await others.more(40)
      expect(failures(await others.stop())).toEqual([])
      await shop.start(sales!)
      await expect.poll(async () => (await ada.ask(`${shop.door}/orders`)).status, PATIENCE).toBe(200)
    })
})
