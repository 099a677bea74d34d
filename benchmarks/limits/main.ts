import { Redis } from 'ioredis'
import { RateLimiterMemory, RateLimiterRedis } from 'rate-limiter-flexible'
import { MemoryLimiter } from '../../packages/banyan/src/limits/memory-limiter.ts'
import { RedisLimiter } from '../../packages/banyan/src/limits/redis-limiter.ts'
import { tokenBucket } from '../../packages/banyan/src/limits/token-bucket.ts'
import { silentLog } from '../../packages/banyan/src/observe/log.ts'
import { openRedis } from '../../packages/banyan/src/store/redis.ts'
import { atLeast, median, table, type Benchmark } from '../report.ts'

const ROUNDS = 15
const IN_MEMORY = 50_000
const IN_REDIS = 5_000
const KEYS = 1_000
/** Requests to Redis under way at once. */
const TOGETHER = 64
const MUCH = 10_000_000

const text = `Decisions in a second over ${KEYS} keys, all of them admitted; in Redis ${TOGETHER} at once on one connection. Ratios are of the same round.`

type Take = (key: string) => unknown

/** Token buckets in memory and in Redis beside those of rate-limiter-flexible. */
export const run: Benchmark = async (progress) => {
  const url = process.env['TEST_REDIS_URL'] ?? 'redis://127.0.0.1:6379'
  const prefix = `bench-limits-${process.pid}:`
  await using redis = await openRedis({ url, prefix, log: silentLog, timeoutMs: 10_000 })
  const client = new Redis(url)
  const algorithm = tokenBucket({ count: MUCH, periodMs: 60_000 }, MUCH)
  const here = new MemoryLimiter(algorithm)
  const there = new RedisLimiter(algorithm, redis, prefix)
  const theirs = { points: MUCH, duration: 60, keyPrefix: `${prefix}peer` }
  const [peerHere, peerThere] = [new RateLimiterMemory(theirs), new RateLimiterRedis({ ...theirs, storeClient: client })]
  const subjects: Readonly<Record<string, { readonly take: Take; readonly count: number; readonly together: number }>> = {
    'memory, Banyan': { take: (key) => here.take(key, 1), count: IN_MEMORY, together: 1 },
    'memory, rate-limiter-flexible': { take: (key) => peerHere.consume(key), count: IN_MEMORY, together: 1 },
    'Redis, Banyan': { take: (key) => there.take(key, 1), count: IN_REDIS, together: TOGETHER },
    'Redis, rate-limiter-flexible': { take: (key) => peerThere.consume(key), count: IN_REDIS, together: TOGETHER },
  }
  const names = Object.keys(subjects)
  const perSecond = new Map(names.map((name) => [name, [] as number[]]))
  progress(`${ROUNDS} rounds of ${IN_MEMORY} decisions in memory and ${IN_REDIS} in Redis each, after one that is not counted`)
  for (let round = -1; round < ROUNDS; round++)
    for (const name of names) {
      const measured = await rateOf(subjects[name]!)
      if (round >= 0) perSecond.get(name)!.push(measured)
    }
  await client.del(await client.keys(`${prefix}*`))
  client.disconnect()
  const ratio = (place: string) =>
    median(perSecond.get(`${place}, Banyan`)!.map((own, round) => own / perSecond.get(`${place}, rate-limiter-flexible`)![round]!))
  return {
    name: 'limits',
    node: process.versions.node,
    runs: ROUNDS,
    goals: [atLeast('× rate-limiter-flexible in memory', 1, ratio('memory')), atLeast('× rate-limiter-flexible in Redis', 1, ratio('Redis'))],
    text: `${table([['', '/s'], ...names.map((name) => [name, Math.round(median(perSecond.get(name)!)).toLocaleString('en')])])}\n\n${text}`,
  }
}

const keys = Array.from({ length: KEYS }, (_, index) => `user:${index}`)

async function rateOf({ take, count, together }: { readonly take: Take; readonly count: number; readonly together: number }): Promise<number> {
  let next = 0
  const began = process.hrtime.bigint()
  const ask = async (): Promise<void> => {
    while (next < count) await take(keys[next++ % KEYS]!)
  }
  await Promise.all(Array.from({ length: together }, ask))
  return count / (Number(process.hrtime.bigint() - began) / 1e9)
}
