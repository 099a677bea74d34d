import { expect, test } from 'vitest'
import type { GatewayConfig } from '../../src/gateway/config.ts'
import { gatewayConfig } from '../../src/gateway/file/read.ts'
import { policyKinds } from '../../src/gateway/policy-kinds.ts'
import { silentLog } from '../../src/observe/log.ts'
import { openRedis } from '../../src/store/redis.ts'
import { hasRedisServer, NO_REDIS, NO_REDIS_SERVER, OwnRedis, sharedRedis, testPrefix } from '../redis.ts'
import { EdgeProcess } from './edge-processes.ts'
import { serving } from './fixture.ts'

const file = (redis: string, limit: string) => `redis: ${redis}\nroutes: [{ path: /*, policies: [limit: ${limit}, answer: { body: well }] }]`

/** Asks with so many at once until it is disposed of; what was answered, by status. */
function asking(urls: readonly string[], each: number): AsyncDisposable & { readonly counts: Record<number, number> } {
  const counts: Record<number, number> = {}
  const stop = new AbortController()
  const ask = async (url: string): Promise<void> => {
    while (!stop.signal.aborted) {
      const answer = await fetch(url)
      await answer.arrayBuffer()
      counts[answer.status] = (counts[answer.status] ?? 0) + 1
    }
  }
  const all = Promise.all(urls.flatMap((url) => Array.from({ length: each }, () => ask(url))))
  return {
    counts,
    async [Symbol.asyncDispose]() {
      stop.abort()
      await all
    },
  }
}

test('gateways in several processes never admit more together than one would, and all of it', async ({ skip }) => {
  const redis = await sharedRedis()
  if (redis === undefined) return skip(NO_REDIS)
  await using clock = await openRedis({ url: redis, prefix: '', log: silentLog, timeoutMs: 5_000 })
  const time = async (): Promise<number> => {
    const [seconds, micros] = await clock.run((client) => client.time())
    return Number(seconds) + Number(micros) / 1_000_000
  }
  const [rate, burst] = [10, 20]
  const text = file(`{ url: '${redis}', prefix: '${testPrefix()}' }`, `{ rate: ${rate}/s, burst: ${burst}, per: route }`)
  await using one = await EdgeProcess.start(text)
  await using two = await EdgeProcess.start(text)
  await using three = await EdgeProcess.start(text)
  const began = await time()
  const urls = [one, two, three].map(({ url }) => url)
  const counts = await (async () => {
    await using asked = asking(urls, 4)
    await expect.poll(() => asked.counts[200] ?? 0).toBeGreaterThan(burst + rate)
    await expect.poll(() => asked.counts[429] ?? 0).toBeGreaterThan(0)
    return asked.counts
  })()
  const seconds = (await time()) - began
  expect(counts[200]).toBeLessThanOrEqual(burst + rate * seconds)
  expect(Object.keys(counts)).toEqual(['200', '429'])
  for (const edge of [one, two, three])
    expect(await edge.status()).toMatchObject({ shared: { limits: { redis: expect.stringContaining(':6379'), status: 'healthy' } } })
})

test.for(['open', 'closed'] as const)('a Redis that dies and comes back under traffic, when away %s', async (whenAway, { skip }) => {
  if (!hasRedisServer()) skip(NO_REDIS_SERVER)
  await using redis = await OwnRedis.start()
  const text = file(`'${redis.url}'`, `{ rate: 1/d, burst: 20, per: route, whenAway: ${whenAway} }`)
  await using one = await EdgeProcess.start(text)
  await using other = await EdgeProcess.start(text)
  const state = async () => (await Promise.all([one.status(), other.status()])).map(({ shared }) => shared?.limits?.status)
  await using asked = asking([one.url, other.url], 4)
  const { counts } = asked
  await expect.poll(() => counts[429] ?? 0).toBeGreaterThan(20)
  expect(counts[200]).toBe(20)
  await redis.kill()
  await expect.poll(state).toEqual(['away', 'away'])
  if (whenAway === 'open') await expect.poll(() => counts[200]).toBe(60)
  else await expect.poll(() => counts[503] ?? 0).toBeGreaterThan(20)
  await redis.start()
  await expect.poll(state).toEqual(['healthy', 'healthy'])
  // it has lost its counts
  await expect.poll(() => counts[200]).toBe(whenAway === 'open' ? 80 : 40)
  expect(Object.keys(counts)).toEqual(whenAway === 'open' ? ['200', '429'] : ['200', '429', '503'])
})

test('a Redis that accepts connections and says nothing holds nobody up', async ({ skip }) => {
  if (!hasRedisServer()) skip(NO_REDIS_SERVER)
  await using redis = await OwnRedis.start()
  await using edge = await EdgeProcess.start(file(`'${redis.url}'`, '{ rate: 1/d, burst: 3 }'))
  const ask = async () => (await fetch(edge.url)).status
  expect(await ask()).toBe(200)
  redis.freeze()
  expect([await ask(), await ask(), await ask(), await ask()]).toEqual([200, 200, 200, 429])
  redis.thaw()
})

test('a Redis that a new configuration names is used from then on, and one that it leaves out is let go', async ({ skip }) => {
  const redis = await sharedRedis()
  if (redis === undefined) return skip(NO_REDIS)
  const prefix = testPrefix()
  const limited = (named: boolean): GatewayConfig =>
    gatewayConfig(
      `${named ? `redis: { url: '${redis}', prefix: '${prefix}' }\n` : ''}routes: [{ path: /*, policies: [limit: { rate: 2/d, per: route }, answer: { body: well }] }]`,
      {
        path: 'gateway.yaml',
        kinds: policyKinds,
        env: {},
      },
    )
  await using one = await serving(limited(false))
  await using other = await serving(limited(true))
  const ask = async ({ url }: { url: string }) => (await fetch(url)).status
  expect([await ask(one), await ask(one), await ask(one), await ask(other)]).toEqual([200, 200, 429, 200])
  await one.load(limited(true))
  expect([await ask(one), await ask(other), await ask(one)]).toEqual([200, 429, 429])
  expect(one.status()).toMatchObject({ shared: { limits: { status: 'healthy' } } })
  await one.load(limited(false))
  expect(one.status().shared).toBeUndefined()
  // what it counts by itself is as it was
  expect(await ask(one)).toBe(429)
})
