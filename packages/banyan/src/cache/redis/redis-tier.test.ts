import { describe, expect, test, type TestContext } from 'vitest'
import { randomFrom } from '../../../test/random.ts'
import { hasRedisServer, NO_REDIS, NO_REDIS_SERVER, OwnRedis, sharedRedis, testPrefix } from '../../../test/redis.ts'
import { openRedis, type RedisConnection } from '../../store/redis.ts'
import type { Loaded } from '../entry.ts'
import { noMarks } from '../marks.ts'
import { CacheGroup } from '../statistics.ts'
import { TagVersions } from '../tag-versions.ts'
import { TieredCache } from '../tiered-cache.ts'
import { RedisTier } from './redis-tier.ts'

const quiet = { debug() {}, info() {}, warn() {}, error() {} }

interface Instance extends AsyncDisposable {
  readonly cache: TieredCache
  readonly group: CacheGroup
  readonly redis: RedisConnection
  ask(key: string, run: () => unknown, lifetimes?: { staleMs: number; staleOnErrorMs: number }): Promise<unknown>
}

/** One of several processes, as far as the cache can tell. `deaf`: no message ever reaches it. */
async function instance(url: string, prefix: string, { deaf = false, tags = 200_000 } = {}): Promise<Instance> {
  const redis = await openRedis({ url, prefix, log: quiet })
  const versions = new TagVersions()
  const shared = new RedisTier({ redis: deaf ? withoutMessages(redis) : redis, versions, log: quiet, tags })
  const cache = new TieredCache({ versions, shared, log: quiet, random: () => 0 })
  const group = new CacheGroup()
  return {
    cache,
    group,
    redis,
    async ask(key, run, lifetimes = { staleMs: 0, staleOnErrorMs: 0 }) {
      const load = async (): Promise<Loaded> => ({ text: JSON.stringify(await run()), kind: 'value', ttlMs: 60_000, tags: [`tag:${key}`] })
      return (await cache.ask({ key, group, lifetimes, needs: noMarks, load, refresh: load })).entry.value
    },
    async [Symbol.asyncDispose]() {
      await cache[Symbol.asyncDispose]()
      await redis[Symbol.asyncDispose]()
    },
  }
}

function withoutMessages(redis: RedisConnection): RedisConnection {
  return {
    address: redis.address,
    prefix: redis.prefix,
    get status() {
      return redis.status
    },
    run: (commands) => redis.run(commands),
    duplicate: () => redis.duplicate({ lazyConnect: true, enableOfflineQueue: true }),
    watch: (changed) => redis.watch(changed),
    [Symbol.asyncDispose]: () => redis[Symbol.asyncDispose](),
  }
}

async function redisOrSkip(skip: TestContext['skip']): Promise<string> {
  const url = await sharedRedis()
  if (url === undefined) skip(NO_REDIS)
  return url!
}

describe('several processes with one Redis', () => {
  test('load once for all of them', async ({ skip }) => {
    const url = await redisOrSkip(skip)
    const prefix = testPrefix()
    await using one = await instance(url, prefix)
    await using other = await instance(url, prefix)
    let loads = 0
    const origin = Promise.withResolvers<number>()
    const load = () => {
      loads++
      return origin.promise
    }
    const answers = [one, other, one, other].map(({ ask }) => ask('a', load))
    await one.redis.run((client) => client.ping())
    origin.resolve(7)
    expect(await Promise.all(answers)).toEqual([7, 7, 7, 7])
    expect(loads).toBe(1)
    expect(await other.ask('a', load)).toBe(7)
    expect(other.group.statistics.loads + one.group.statistics.loads).toBe(1)
  })

  test('hear at once of what another has invalidated, also after Redis was started again', async ({ skip }) => {
    if (!hasRedisServer()) skip(NO_REDIS_SERVER)
    await using server = await OwnRedis.start()
    const [known, heard] = [new TagVersions(), new TagVersions()]
    await using mine = await openRedis({ url: server.url, prefix: 'n:', log: quiet })
    await using theirs = await openRedis({ url: server.url, prefix: 'n:', log: quiet })
    await using teller = new RedisTier({ redis: mine, versions: known, log: quiet })
    await using _listener = new RedisTier({ redis: theirs, versions: heard, log: quiet })
    // nobody asks anything of the listener: what it knows it was told
    const told = async (tag: string) => {
      const hears = async () => {
        await teller.invalidate([tag])
        return heard.isCurrent(0, [tag])
      }
      await expect.poll(hears).toBe(false)
    }
    await theirs.run((client) => client.ping())
    await told('before')
    await server.kill()
    await server.start()
    await Promise.all([back(mine), back(theirs)])
    await told('after')
  })

  test('take over the load of one that fails', async ({ skip }) => {
    const url = await redisOrSkip(skip)
    const prefix = testPrefix()
    await using one = await instance(url, prefix)
    await using other = await instance(url, prefix)
    const begun = Promise.withResolvers<void>()
    const first = Promise.withResolvers<number>()
    const failing = one.ask('a', () => {
      begun.resolve()
      return first.promise
    })
    await begun.promise
    const answer = other.ask('a', () => 2)
    first.reject(new Error('broken'))
    await expect(failing).rejects.toThrow('broken')
    expect(await answer).toBe(2)
  })

  test('refuse what is loaded late, wherever the invalidation came from', async ({ skip }) => {
    const url = await redisOrSkip(skip)
    const prefix = testPrefix()
    await using one = await instance(url, prefix)
    await using other = await instance(url, prefix, { deaf: true })
    const begun = Promise.withResolvers<void>()
    const late = Promise.withResolvers<string>()
    const before = other.ask('a', () => {
      begun.resolve()
      return late.promise
    })
    await begun.promise
    await one.cache.invalidate(['tag:a'])
    late.resolve('old')
    expect(await before).toBe('old')
    expect(await one.ask('a', () => 'new')).toBe('new')
    expect(await other.ask('a', () => 'unasked')).toBe('new')
    expect(other.group.statistics.refused).toBe(1)
  })

  test.for([1, 2, 3])('serve nothing that was invalidated 100 ms ago, whatever happens in whatever order (seed %i)', async (seed, { skip }) => {
    const url = await redisOrSkip(skip)
    const prefix = testPrefix()
    await using one = await instance(url, prefix)
    await using deaf = await instance(url, prefix, { deaf: true })
    await using small = await instance(url, prefix, { tags: 3 })
    const next = randomFrom(seed)
    const pick = <T>(from: readonly T[]): T => from[Math.floor(next() * from.length)]!
    // the origin, and for each of its values when the invalidation of the one before was over
    const origin = new Map<string, number>()
    const invalidated = new Map<string, number[]>()
    const keys = ['a', 'b', 'c', 'd']
    const wrong: string[] = []
    let served = 0

    async function write(): Promise<void> {
      const key = pick(keys)
      const value = (origin.get(key) ?? 0) + 1
      origin.set(key, value)
      await pick([one, deaf, small]).cache.invalidate([`tag:${key}`])
      const times = invalidated.get(key) ?? []
      times[value] = performance.now()
      invalidated.set(key, times)
    }
    async function read(): Promise<void> {
      const who = pick([one, deaf, small])
      const key = pick(keys)
      const askedAt = performance.now()
      // read at once and answered later: what a slow load is
      const load = async () => {
        const value = origin.get(key) ?? 0
        for (let turns = Math.floor(next() * 4); turns > 0; turns--) await who.redis.run((client) => client.ping())
        return value
      }
      const value = (await who.ask(key, load)) as number
      served++
      const late = (invalidated.get(key) ?? []).findIndex((at, version) => version > value && at !== undefined && at < askedAt - 100)
      if (late >= 0) wrong.push(`${key}=${value}, though ${late} was there ${Math.round(askedAt - invalidated.get(key)![late]!)} ms before it was asked for`)
    }
    async function actor(): Promise<void> {
      const until = performance.now() + 1_500
      while (performance.now() < until) await (next() < 0.05 ? write() : read())
    }
    await Promise.all(Array.from({ length: 8 }, actor))
    expect(wrong).toEqual([])
    expect(served).toBeGreaterThan(500)
    const hits = [one, deaf, small].reduce((sum, { group }) => sum + group.hits, 0)
    expect(hits / served).toBeGreaterThan(0.3)
  })

  test('forget everything with a Redis that lost what it knew', async ({ skip }) => {
    if (!hasRedisServer()) skip(NO_REDIS_SERVER)
    await using server = await OwnRedis.start()
    await using one = await instance(server.url, 'l:')
    expect(await one.ask('a', () => 1)).toBe(1)
    await one.redis.run((client) => client.flushall())
    await one.cache.peek('a')
    await one.redis.run((client) => client.ping())
    await passed(HEARD)
    expect(await one.ask('a', () => 2)).toBe(2)
  })
})

/** Longer than what was heard counts as heard. */
const HEARD = 70

/** Waits until the monotonic clock has moved: what is tested depends on nothing else. */
async function passed(ms: number): Promise<void> {
  const until = performance.now() + ms
  while (performance.now() < until) await new Promise((resolve) => void setImmediate(resolve))
}

describe('a Redis that dies', () => {
  test('is done without, and used again when it is back', async ({ skip }) => {
    if (!hasRedisServer()) skip(NO_REDIS_SERVER)
    await using server = await OwnRedis.start()
    await using one = await instance(server.url, 'd:')
    await using other = await instance(server.url, 'd:')
    expect(await one.ask('a', () => 1)).toBe(1)
    expect(await other.ask('a', () => 1)).toBe(1)
    await server.kill()
    await passed(HEARD)
    // many ask, and one load answers them
    let loads = 0
    const load = () => {
      loads++
      return 2
    }
    expect(await Promise.all(Array.from({ length: 20 }, () => one.ask('a', load)))).toEqual(Array(20).fill(2))
    expect(loads).toBe(1)
    await expect(one.cache.invalidate(['tag:a'])).rejects.toMatchObject({ code: 'unavailable' })
    expect(await one.ask('a', () => 3)).toBe(3)

    await server.start()
    await Promise.all([back(one.redis), back(other.redis)])
    expect(await one.ask('a', () => 4)).toBeGreaterThanOrEqual(3)
    await passed(HEARD)
    expect(await other.ask('a', () => 4)).toBe(4)
    expect(await one.ask('a', () => 5)).toBe(4)
  })

  test('invalidates when it is back what was to be invalidated while it was away', async ({ skip }) => {
    if (!hasRedisServer()) skip(NO_REDIS_SERVER)
    await using server = await OwnRedis.start()
    await using one = await instance(server.url, 'o:')
    await using other = await instance(server.url, 'o:')
    expect(await other.ask('a', () => 1)).toBe(1)
    await one.redis.run((client) => client.ping())
    server.freeze()
    await expect(one.cache.invalidate(['tag:a'])).rejects.toMatchObject({ code: 'unavailable', executed: 'maybe' })
    server.thaw()
    await back(one.redis)
    expect(await one.ask('a', () => 2)).toBe(2)
    await passed(HEARD)
    await back(other.redis)
    expect(await other.ask('a', () => 3)).toBe(2)
  })
})

async function back(redis: RedisConnection): Promise<void> {
  if (redis.status === 'healthy') return
  const { promise, resolve } = Promise.withResolvers<void>()
  using _watching = redis.watch((status) => status === 'healthy' && resolve())
  await promise
}
