import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { start } from '../../src/index.ts'
import { silentLog } from '../../src/observe/log.ts'
import { testInstallation, type TestInstallation } from '../../src/testing/installation.ts'
import { hasRedisServer, NO_REDIS, NO_REDIS_SERVER, OwnRedis, sharedRedis, testPrefix } from '../redis.ts'
import { holders, nextHolder, office } from './desk.ts'

let installation: TestInstallation
beforeAll(async () => {
  installation = await testInstallation()
})
afterAll(() => installation[Symbol.asyncDispose]())

interface Request {
  readonly body?: unknown
  readonly from?: string
  readonly token?: string
}
async function post(url: string, path: string, { body, from = '198.51.100.7', token }: Request = {}) {
  const answer = await fetch(url + path, {
    method: path === '/look' ? 'GET' : 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': from, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  return { status: answer.status, headers: answer.headers, body: (text === '' ? undefined : JSON.parse(text)) as never }
}
const statuses = (answers: readonly { status: number }[]) => answers.map(({ status }) => status)

async function times<T>(count: number, ask: () => Promise<T>): Promise<T[]> {
  const answers: T[] = []
  for (let i = 0; i < count; i++) answers.push(await ask())
  return answers
}

/** Where the limits of a test are counted; `undefined`: in memory. */
const places = {
  memory: async () => undefined,
  redis: async () => ((await sharedRedis()) === undefined ? NO_REDIS : { url: (await sharedRedis())!, prefix: testPrefix() }),
}

describe.each(Object.entries(places))('limits in %s', (_name, place) => {
  test('refuse who asks too often, and say when to come back', async ({ skip }) => {
    const store = await place()
    if (typeof store === 'string') return skip(store)
    await using running = await start(office(store), { ...installation.options, log: silentLog })
    const { url } = running
    const look = (from: string) => post(url, '/look', { from })

    const first = await look('198.51.100.7')
    expect(first.headers.get('ratelimit-policy')).toBe('"ip";q=3;w=86400')
    expect(first.headers.get('ratelimit')).toMatch(/^"ip";r=2;t=288(00|01)$/)
    expect(first.headers.get('retry-after')).toBeNull()
    expect(statuses(await times(3, () => look('198.51.100.7')))).toEqual([200, 200, 429])
    const refused = await look('198.51.100.7')
    expect(refused.headers.get('ratelimit')).toMatch(/^"ip";r=0;t=\d+$/)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(28_700)
    expect(refused.body).toMatchObject({
      type: 'urn:banyan:error:rate_limited',
      status: 429,
      code: 'rate_limited',
      executed: 'no',
      retryable: true,
      detail: expect.stringMatching(/^desk\.look is limited to 3\/d by the limit 'ip'; ask again in \d+ s$/),
      details: { limit: 'ip', retryAfterMs: expect.any(Number) },
    })
    expect((await look('203.0.113.9')).status).toBe(200)

    // whoever is limited by input is limited before the handler, and pays what it asks for
    const token = await running.token({ subject: 'ada' })
    const stamp = (pages: number) => post(url, '/stamps', { body: { pages }, token })
    expect((await stamp(6)).headers.get('ratelimit')).toMatch(/^"user";r=4;/)
    expect(statuses([await stamp(5), await stamp(0), await stamp(4), await stamp(1)])).toEqual([429, 400, 200, 429])
    const never = await stamp(11)
    expect(never.body).toMatchObject({ detail: expect.stringContaining('costs more than the 10 there ever are') })
    expect(never.headers.get('retry-after')).toBeNull()
  })

  test('are not spent when another refuses', async ({ skip }) => {
    const store = await place()
    if (typeof store === 'string') return skip(store)
    await using running = await start(office(store), { ...installation.options, log: silentLog })
    const talk = (account: string) => post(running.url, '/talks', { body: { account } })
    expect(statuses(await times(6, () => talk('ada')))).toEqual([200, 200, 429, 429, 429, 429])
    expect((await talk('ada')).headers.get('ratelimit'), 'what was given back is there').toMatch(
      /^"ip";r=98;t=\d+, "operation";r=3;t=\d+, "account";r=0;t=\d+$/,
    )
    const next = await talk('bo')
    expect(next.headers.get('ratelimit-policy')).toBe('"ip";q=100;w=86400, "operation";q=5;w=86400, "account";q=2;w=86400')
    expect(next.headers.get('ratelimit')).toMatch(/^"ip";r=97;t=\d+, "operation";r=2;t=\d+, "account";r=1;t=\d+$/)
    // nothing was spent of those that have asked too often
    expect(statuses([await talk('cy'), await talk('di'), await talk('ed')])).toEqual([200, 200, 429])
    expect((await talk('ed')).headers.get('ratelimit-policy'), 'what is not asked is not told').toBe('"ip";q=100;w=86400, "operation";q=5;w=86400')
  })

  test('count quotas by plan, and what is going on at once', async ({ skip }) => {
    const store = await place()
    if (typeof store === 'string') return skip(store)
    await using running = await start(office(store), { ...installation.options, log: silentLog })
    const { url } = running
    const [free, pro] = [await running.token({ subject: 'ada' }), await running.token({ subject: 'bo', roles: ['pro'] })]
    expect(statuses(await times(3, () => post(url, '/counts', { token: free })))).toEqual([200, 200, 429])
    expect(statuses(await times(3, () => post(url, '/counts', { token: pro })))).toEqual([200, 200, 200])

    const holds = nextHolder()
    const holding = post(url, '/holds')
    await holds
    const refused = await post(url, '/holds')
    expect(refused.status).toBe(429)
    expect(refused.headers.get('ratelimit-policy')).toBe('"operation";q=1;qu="concurrent-requests"')
    holders.splice(0).forEach((release) => release())
    expect((await holding).status).toBe(200)
    const again = nextHolder()
    const next = post(url, '/holds')
    await again
    holders.splice(0).forEach((release) => release())
    expect((await next).status).toBe(200)
  })
})

describe('limits in Redis', () => {
  test('are one limit for all processes', async ({ skip }) => {
    const url = await sharedRedis()
    if (url === undefined) return skip(NO_REDIS)
    const shop = office({ url, prefix: testPrefix() })
    await using first = await start(shop, { ...installation.options, log: silentLog })
    await using second = await start(shop, { ...installation.options, log: silentLog })
    const answers = await times(3, async () => [await post(first.url, '/look'), await post(second.url, '/look')])
    expect(statuses(answers.flat())).toEqual([200, 200, 200, 429, 429, 429])
  })

  test('while Redis is away are those of each process, or refuse, as the topology says', async ({ skip }) => {
    if (!hasRedisServer()) return skip(NO_REDIS_SERVER)
    await using server = await OwnRedis.start()
    await using open = await start(office({ url: server.url, prefix: testPrefix() }), { ...installation.options, log: silentLog })
    await using closed = await start(office({ url: server.url, prefix: testPrefix() }, 'closed'), { ...installation.options, log: silentLog })
    expect(statuses([await post(open.url, '/look'), await post(closed.url, '/look')])).toEqual([200, 200])
    await server.kill()
    expect(statuses(await times(4, () => post(open.url, '/look')))).toEqual([200, 200, 200, 429])
    expect((await post(closed.url, '/look')).body).toMatchObject({ status: 503, code: 'unavailable' })
  })
})

test('a limit does not keep the operator out', async () => {
  await using running = await start(office(undefined), { ...installation.options, log: silentLog })
  expect(await times(5, () => running.call.desk.look())).toEqual(['seen', 'seen', 'seen', 'seen', 'seen'])
})
