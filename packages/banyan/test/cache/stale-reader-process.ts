import type { Redis } from 'ioredis'
import { RedisTier } from '../../src/cache/redis/redis-tier.ts'
import type { Loaded } from '../../src/cache/entry.ts'
import { noMarks } from '../../src/cache/marks.ts'
import { CacheGroup } from '../../src/cache/statistics.ts'
import { TagVersions } from '../../src/cache/tag-versions.ts'
import { TieredCache } from '../../src/cache/tiered-cache.ts'
import { BanyanError } from '../../src/kernel/errors.ts'
import { openRedis, type RedisConnection } from '../../src/store/redis.ts'
import { randomFrom } from '../random.ts'

/** How a process takes part. */
export interface ReaderOrder {
  readonly url: string
  readonly prefix: string
  readonly seed: number
  /** Whether every message that tells of an invalidation is lost on its way here. */
  readonly deaf: boolean
  readonly reads: number
}

/** A value that was served: asked for at a time of the server, in microseconds. */
export interface Served {
  readonly key: string
  readonly value: number
  readonly askedAt: number
}

/** What a process tells when it is done. */
export interface ReaderReport {
  readonly served: readonly Served[]
  /** When, by the server's clock, the invalidation of what was there before a value was committed. */
  readonly written: readonly { readonly key: string; readonly value: number; readonly at: number }[]
  readonly hits: number
  /** Loads whose answer was not kept, since it was old when it came. */
  readonly refused: number
  /** Messages that were dropped on purpose. */
  readonly dropped: number
}

const { url, prefix, seed, deaf, reads } = JSON.parse(process.argv[2]!) as ReaderOrder
const log = { debug() {}, info() {}, warn() {}, error: console.error }
const next = randomFrom(seed)
const keys = ['a', 'b', 'c', 'd']
let dropped = 0

await using redis = await openRedis({ url, prefix, log })
const versions = new TagVersions()
await using cache = new TieredCache({ versions, shared: new RedisTier({ redis: deaf ? deafened(redis) : redis, versions, log }), log })
const group = new CacheGroup()
const served: Served[] = []
const written: ReaderReport['written'][number][] = []

await Promise.all(Array.from({ length: 4 }, takePart))
process.send?.({ served, written, hits: group.hits, refused: group.refused, dropped } satisfies ReaderReport)
process.disconnect?.()

async function takePart(): Promise<void> {
  while (served.length < reads) {
    try {
      await (next() < 0.1 ? write() : read())
    } catch (error) {
      // on a machine that is busy Redis may be away for a moment; then nothing was promised
      if (!BanyanError.is(error, 'unavailable')) throw error
    }
  }
}

async function write(): Promise<void> {
  const key = pick()
  const value = await redis.run((client) => client.incr(origin(key)))
  await cache.invalidate([`tag:${key}`])
  written.push({ key, value, at: await time() })
}

async function read(): Promise<void> {
  const key = pick()
  const askedAt = await time()
  const load = async (): Promise<Loaded> => {
    const value = Number((await redis.run((client) => client.get(origin(key)))) ?? 0)
    // read at once and answered late: by then it may be old
    for (let turns = Math.floor(next() * 8); turns > 0; turns--) await redis.run((client) => client.ping())
    return { text: String(value), kind: 'value', ttlMs: 60_000, tags: [`tag:${key}`] }
  }
  const question = { key, group, lifetimes: { staleMs: 0, staleOnErrorMs: 0 }, needs: noMarks, load, refresh: load }
  served.push({ key, value: Number((await cache.ask(question)).entry.value), askedAt })
}

function pick(): string {
  return keys[Math.floor(next() * keys.length)]!
}

function origin(key: string): string {
  return `${prefix}origin:${key}`
}

/** Of the server, in microseconds: the same clock for all processes. */
async function time(): Promise<number> {
  const [seconds, microseconds] = await redis.run((client) => client.time())
  return Number(seconds) * 1_000_000 + Number(microseconds)
}

/** A connection whose subscriptions get their messages and drop them. */
function deafened(to: RedisConnection): RedisConnection {
  const duplicate = (): Redis => {
    const client = to.duplicate()
    const on = client.on.bind(client) as (event: string, listener: (...said: unknown[]) => void) => Redis
    client.on = ((event: string, listener: (...said: unknown[]) => void) =>
      on(event, event === 'message' ? () => void dropped++ : listener)) as typeof client.on
    return client
  }
  return {
    address: to.address,
    prefix: to.prefix,
    get status() {
      return to.status
    },
    run: (commands) => to.run(commands),
    duplicate,
    watch: (changed) => to.watch(changed),
    [Symbol.asyncDispose]: () => to[Symbol.asyncDispose](),
  }
}
