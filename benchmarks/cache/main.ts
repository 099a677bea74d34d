import { BentoCache, bentostore } from 'bentocache'
import { memoryDriver } from 'bentocache/drivers/memory'
import { LRUCache } from 'lru-cache'
import { MemoryCache } from '../../packages/banyan/src/cache/memory/memory-cache.ts'
import { ServiceCache } from '../../packages/banyan/src/cache/service-cache.ts'
import { TagVersions } from '../../packages/banyan/src/cache/tag-versions.ts'
import { TieredCache } from '../../packages/banyan/src/cache/tiered-cache.ts'
import { silentLog } from '../../packages/banyan/src/observe/log.ts'
import { atLeast, atMost, median, table, type Benchmark } from '../report.ts'

const ROUNDS = 15
const CALLS = 20_000
const KEYS = 10_000
const HOUR_MS = 3_600_000

const keys = Array.from({ length: KEYS }, (_, index) => `product:${index}`)
const value = { sku: 'TEA-001', name: 'Smoked tea', price: { amount: 1_250, currency: 'EUR' } }

/** Gets of small objects that are there, each with a time to live, beside lru-cache and bentocache in the same rounds. */
export const run: Benchmark = async (progress) => {
  const subjects = await contenders()
  const names = Object.keys(subjects)
  const times = Object.fromEntries(names.map((name) => [name, [] as number[]]))
  progress(`${ROUNDS} rounds of ${CALLS} gets each`)
  for (let round = -2; round < ROUNDS; round++) {
    for (const name of names) {
      const began = process.hrtime.bigint()
      await subjects[name]!()
      if (round >= 0) times[name]!.push(Number(process.hrtime.bigint() - began) / CALLS)
    }
  }
  const ns = (name: string) => median(times[name]!)
  return {
    name: 'cache',
    node: process.versions.node,
    runs: ROUNDS,
    goals: [
      atMost('times what a get of lru-cache takes', 5, ns('banyan, w-tinylfu') / ns('lru-cache')),
      atLeast('times as fast as a get of bentocache', 20, ns('bentocache') / ns('banyan, w-tinylfu')),
    ],
    text: table([['', 'ns'], ...names.map((name) => [name, ns(name).toFixed(0)])]),
  }
}

async function contenders(): Promise<Record<string, () => void | Promise<void>>> {
  const lfu = new MemoryCache<object>({ entries: 2 * KEYS, bytes: 1e9 })
  const lru = new MemoryCache<object>({ entries: 2 * KEYS, bytes: 1e9, eviction: 'lru' })
  const peer = new LRUCache<string, object>({ max: 2 * KEYS, ttl: HOUR_MS })
  const bento = new BentoCache({ default: 'memory', ttl: '1h', stores: { memory: bentostore().useL1Layer(memoryDriver({ maxItems: 2 * KEYS })) } })
  await using tiered = new TieredCache({ versions: new TagVersions(), shared: 'none', log: silentLog })
  const service = new ServiceCache('catalog', tiered)
  const options = { ttl: '1h', tags: ['products'] } as const
  for (const key of keys) {
    lfu.set(key, value, { bytes: 500, ttlMs: HOUR_MS })
    lru.set(key, value, { bytes: 500, ttlMs: HOUR_MS })
    peer.set(key, value)
    await bento.set({ key, value })
    await service.set(key, value, options)
  }
  const each = (get: (key: string) => unknown) => (): void => {
    for (let call = 0; call < CALLS; call++) if (get(keys[(call * 7_919) % KEYS]!) === undefined) throw new Error('a value is missing')
  }
  const eachAwaited = (get: (key: string) => Promise<unknown>) => async (): Promise<void> => {
    for (let call = 0; call < CALLS; call++) if ((await get(keys[(call * 7_919) % KEYS]!)) === undefined) throw new Error('a value is missing')
  }
  return {
    'banyan, w-tinylfu': each((key) => lfu.get(key)),
    'banyan, lru': each((key) => lru.get(key)),
    'lru-cache': each((key) => peer.get(key)),
    bentocache: eachAwaited((key) => bento.get({ key })),
    'banyan, getOrSet with a tag': eachAwaited((key) => service.getOrSet(key, () => value, options)),
    'bentocache, getOrSet': eachAwaited((key) => bento.getOrSet({ key, factory: () => value })),
  }
}
