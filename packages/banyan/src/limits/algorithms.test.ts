import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { NO_REDIS, sharedRedis, testPrefix } from '../../test/redis.ts'
import { openRedis } from '../store/redis.ts'
import type { Algorithm } from './algorithm.ts'
import type { Decision, Taken } from './decision.ts'
import { gcra } from './gcra.ts'
import { MemoryLimiter } from './memory-limiter.ts'
import { RedisLimiter } from './redis-limiter.ts'
import type { Rate } from './rate.ts'
import { slidingWindow } from './sliding-window.ts'
import { tokenBucket } from './token-bucket.ts'

const kinds: Readonly<Record<string, (rate: Rate, burst: number) => Algorithm>> = { tokenBucket, gcra, slidingWindow: (rate) => slidingWindow(rate) }
const quiet = { debug() {}, info() {}, warn() {}, error() {} }

/** A request: microseconds after the one before, and its cost; or the last admitted one given back. */
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ after: fc.oneof(fc.nat(3_000), fc.nat(200_000), fc.nat(90_000_000_000)), cost: fc.nat(6) }) },
  { weight: 1, arbitrary: fc.constant('back' as const) },
)
const trace = fc.record({
  rate: fc.record({ count: fc.integer({ min: 1, max: 300 }), periodMs: fc.constantFrom(1_000, 60_000, 3_600_000, 86_400_000) }),
  burst: fc.integer({ min: 1, max: 40 }),
  steps: fc.array(step, { minLength: 1, maxLength: 40 }),
})

describe.each(Object.entries(kinds))('%s', (_name, make) => {
  test('decides in Redis as in memory, for the same times and costs', async ({ skip }) => {
    const url = await sharedRedis()
    if (url === undefined) return skip(NO_REDIS)
    await using redis = await openRedis({ url, prefix: testPrefix(), log: quiet, timeoutMs: 5_000 })
    const clockKey = `${redis.prefix}clock`
    // the time is read from a key, and nothing expires by the time of the server
    const clock = `local server = redis
local redis = {call = function(name, key, value) if value then return server.call(name, key, value) end return server.call(name, key) end}
local now = math.floor(tonumber(server.call('GET', '${clockKey}')) / tick)`
    let runs = 0
    await fc.assert(
      fc.asyncProperty(trace, async ({ rate, burst, steps }) => {
        const algorithm = make(rate, burst)
        let us = 1_764_000_000_000_000
        const memory = new MemoryLimiter(algorithm, { clock: { monotonic: () => us / 1_000 } })
        const shared = new RedisLimiter(algorithm, redis, `${redis.prefix}${runs++}:`, clock)
        const [here, there]: Decision[][] = [[], []]
        const backs: Taken[][] = []
        for (const one of steps) {
          if (one === 'back') {
            for (const taken of backs.pop() ?? []) await taken.giveBack?.()
            continue
          }
          us += one.after
          await redis.run((client) => client.set(clockKey, us))
          const [a, b] = [memory.take('k', one.cost), await shared.take('k', one.cost)]
          here!.push(plain(a))
          there!.push(plain(b))
          if (a.admitted && b.admitted) backs.push([a, b])
        }
        expect(there).toEqual(here)
      }),
      { numRuns: 60 },
    )
    await redis.run(async (client) => client.del(await client.keys(`${redis.prefix}*`)))
  })

  test('says when to come back, and not too late', () => {
    fc.assert(
      fc.property(trace, ({ rate, burst, steps }) => {
        const algorithm = make(rate, burst)
        let us = 0
        const limiter = new MemoryLimiter(algorithm, { clock: { monotonic: () => us / 1_000 } })
        for (const one of steps) {
          if (one === 'back') continue
          us += one.after
          const { admitted, retryMs } = limiter.take('k', one.cost)
          if (admitted || retryMs === Infinity) continue
          expect(retryMs).toBeGreaterThan(0)
          const refusedAt = us
          us = refusedAt + Math.round(retryMs * 1_000)
          const later = limiter.take('k', one.cost)
          expect(later.admitted).toBe(true)
          void later.giveBack?.()
        }
      }),
      { numRuns: 300 },
    )
  })

  test('never refuses what costs nothing, and always what costs more than there ever is', () => {
    const algorithm = make({ count: 10, periodMs: 1_000 }, 10)
    const limiter = new MemoryLimiter(algorithm, { clock: { monotonic: () => 5_000 } })
    for (let i = 0; i < 10; i++) expect(limiter.take('k', 1)).toMatchObject({ admitted: true, remaining: 9 - i, limit: 10 })
    expect(limiter.take('k', 1)).toMatchObject({ admitted: false, remaining: 0 })
    expect(limiter.take('k', 0)).toMatchObject({ admitted: true, remaining: 0, retryMs: 0 })
    expect(limiter.take('other', 11)).toMatchObject({ admitted: false, remaining: 10, resetMs: 0, retryMs: Infinity })
  })
})

describe.each(Object.entries({ tokenBucket, gcra }))('%s', (_name, make) => {
  test('admits no more than burst + rate·t in any time t, and as much where it is asked for', () => {
    fc.assert(
      fc.property(trace, ({ rate, burst, steps }) => {
        const limiter = new MemoryLimiter(make(rate, burst), { clock: { monotonic: () => us / 1_000 } })
        let us = 0
        const spent: { at: number; cost: number }[] = []
        for (const one of steps) {
          if (one === 'back') continue
          us += one.after
          if (limiter.take('k', one.cost).admitted) spent.push({ at: us, cost: one.cost })
        }
        spent.forEach((first, from) => {
          let sum = 0
          for (const { at, cost } of spent.slice(from)) {
            sum += cost
            expect(sum).toBeLessThanOrEqual(burst + ((at - first.at) / 1_000) * (rate.count / rate.periodMs) + 1e-6)
          }
        })
      }),
      { numRuns: 300 },
    )
  })
})

test('a window that slides admits no more than twice its limit in one period', () => {
  fc.assert(
    fc.property(trace, ({ rate, steps }) => {
      let us = 0
      const limiter = new MemoryLimiter(slidingWindow(rate), { clock: { monotonic: () => us / 1_000 } })
      const spent: { at: number; cost: number }[] = []
      for (const one of steps) {
        if (one === 'back') continue
        us += one.after
        if (limiter.take('k', one.cost).admitted) spent.push({ at: us, cost: one.cost })
        const inPeriod = spent.filter(({ at }) => at > us - rate.periodMs * 1_000).reduce((sum, { cost }) => sum + cost, 0)
        expect(inPeriod).toBeLessThanOrEqual(2 * rate.count)
      }
    }),
  )
})

function plain({ admitted, limit, remaining, resetMs, retryMs }: Decision): Decision {
  return { admitted, limit, remaining, resetMs, retryMs }
}
