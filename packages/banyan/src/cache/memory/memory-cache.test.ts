import { expect, test } from 'vitest'
import { randomFrom } from '../../../test/random.ts'
import { MemoryCache, type Eviction } from './memory-cache.ts'

const both: readonly Eviction[] = ['w-tinylfu', 'lru']
const kept = { bytes: 1, ttlMs: 1_000 }

test('a value is kept for its time on the monotonic clock', () => {
  let now = 0
  const cache = new MemoryCache<string>({ entries: 10, bytes: 100, clock: { monotonic: () => now } })
  cache.set('a', 'one', kept)
  now = 999
  expect(cache.get('a')).toBe('one')
  now = 1_000
  expect(cache.get('a')).toBeUndefined()
  expect(cache.size).toBe(0)
})

test('what is larger than all the room is not kept, nor what it replaces', () => {
  const cache = new MemoryCache<string>({ entries: 10, bytes: 100 })
  cache.set('a', 'small', { bytes: 10, ttlMs: 1_000 })
  cache.set('a', 'large', { bytes: 101, ttlMs: 1_000 })
  expect(cache.get('a')).toBeUndefined()
  expect(cache.bytes).toBe(0)
})

test('lru throws out what was not asked for the longest', () => {
  const cache = new MemoryCache<number>({ entries: 3, bytes: 100, eviction: 'lru' })
  for (const [value, key] of ['a', 'b', 'c'].entries()) cache.set(key, value, kept)
  cache.get('a')
  cache.set('d', 3, kept)
  expect(['a', 'b', 'c', 'd'].map((key) => cache.get(key))).toEqual([0, undefined, 2, 3])
})

test('w-tinylfu keeps what is popular while something reads everything once', () => {
  const popular = Array.from({ length: 80 }, (_, index) => `popular ${index}`)
  const found = Object.fromEntries(
    both.map((eviction) => {
      const cache = new MemoryCache<number>({ entries: 100, bytes: 1_000, eviction })
      for (let round = 0; round < 5; round++) for (const key of popular) if (cache.get(key) === undefined) cache.set(key, 1, kept)
      for (let index = 0; index < 10_000; index++) cache.set(`once ${index}`, 1, kept)
      return [eviction, popular.filter((key) => cache.get(key) !== undefined).length]
    }),
  )
  expect(found['lru']).toBe(0)
  expect(found['w-tinylfu']).toBeGreaterThan(75)
})

test.each(both)('%s answers what a map would, or nothing, and keeps its bounds, whatever is done', (eviction) => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const next = randomFrom(seed)
    let now = 0
    let held = 0
    const cache = new MemoryCache<string>({
      entries: 40,
      bytes: 400,
      eviction,
      clock: { monotonic: () => now },
      removed: (_value, bytes) => void (held -= bytes),
    })
    const model = new Map<string, { value: string; until: number }>()
    for (let step = 0; step < 5_000; step++) {
      const key = `k${Math.floor(next() ** 2 * 120)}`
      const what = next()
      now += Math.floor(next() * 3)
      if (what < 0.6) {
        const expected = model.get(key)
        const got = cache.get(key)
        if (got !== undefined) expect(expected && expected.until > now ? expected.value : undefined).toBe(got)
      } else if (what < 0.95) {
        const bytes = 1 + Math.floor(next() * 60)
        const ttlMs = 1 + Math.floor(next() * 500)
        held += bytes
        cache.set(key, `${step}`, { bytes, ttlMs })
        model.set(key, { value: `${step}`, until: now + ttlMs })
      } else {
        cache.delete(key)
        model.delete(key)
      }
      expect(cache.size).toBeLessThanOrEqual(40)
      expect(cache.bytes).toBeLessThanOrEqual(400)
      expect(cache.bytes).toBe(held)
    }
    cache.clear()
    expect([cache.size, cache.bytes, held]).toEqual([0, 0, 0])
  }
})
