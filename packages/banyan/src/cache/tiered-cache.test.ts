import { describe, expect, test } from 'vitest'
import type { Clock } from '../kernel/clock.ts'
import { BanyanError } from '../kernel/errors.ts'
import type { Loaded } from './entry.ts'
import { noMarks, type Marks } from './marks.ts'
import type { Question } from './question.ts'
import { CacheGroup } from './statistics.ts'
import { TagVersions } from './tag-versions.ts'
import { TieredCache, type TieredCacheOptions } from './tiered-cache.ts'

const quiet = { debug() {}, info() {}, warn() {}, error() {} }

/** A cache in one process, a clock that the test moves, and an origin that counts. */
function open(options: Partial<TieredCacheOptions> = {}) {
  let now = 0
  const clock: Clock = { now: () => new Date(now), monotonic: () => now, wait: () => Promise.resolve() }
  const cache = new TieredCache({ versions: new TagVersions(), shared: 'none', log: quiet, clock, random: () => 0, ...options })
  const group = new CacheGroup()
  let loads = 0
  const ask = async (key: string, run: () => unknown, more: Partial<Question> & { needs?: Marks; ttlMs?: number } = {}): Promise<unknown> => {
    const load = async (): Promise<Loaded> => {
      loads++
      return { text: JSON.stringify(await run()), kind: 'value', ttlMs: more.ttlMs ?? 1_000, tags: [`tag:${key}`] }
    }
    const question = { key, group, lifetimes: { staleMs: 0, staleOnErrorMs: 0 }, needs: noMarks, load, refresh: load, ...more }
    return (await cache.ask(question)).entry.value
  }
  return { cache, ask, group, loads: () => loads, pass: (ms: number) => void (now += ms) }
}

/** Something that ends when the test says. */
function gate<T>() {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  return { wait: () => promise, open: resolve, fail: reject }
}

describe('one process', () => {
  test('many askers make one load', async () => {
    const { ask, loads, group } = open()
    const origin = gate<number>()
    const answers = Array.from({ length: 100 }, () => ask('a', origin.wait))
    origin.open(7)
    expect(await Promise.all(answers)).toEqual(Array(100).fill(7))
    expect(loads()).toBe(1)
    expect(group.statistics).toMatchObject({ asked: 100, hits: 99, hitRatio: 0.99, entries: 1 })
  })

  test('what is loaded late is not kept, nor given to those who asked after the invalidation', async () => {
    const { cache, ask, pass } = open()
    const late = gate<string>()
    const before = ask('a', late.wait)
    await settled()
    pass(1)
    await cache.invalidate(['tag:a'])
    const after = ask('a', () => 'new')
    late.open('old')
    expect(await before).toBe('old')
    expect(await after).toBe('new')
    expect(await ask('a', () => 'unasked')).toBe('new')
  })

  test('what is over its time is served once more while it is loaded again', async () => {
    const { ask, pass, group, loads } = open()
    const lifetimes = { staleMs: 500, staleOnErrorMs: 0 }
    await ask('a', () => 1, { lifetimes })
    pass(1_200)
    const again = gate<number>()
    expect(await ask('a', again.wait, { lifetimes })).toBe(1)
    expect(await ask('a', again.wait, { lifetimes })).toBe(1)
    again.open(2)
    await settled()
    expect(await ask('a', again.wait, { lifetimes })).toBe(2)
    expect(loads()).toBe(2)
    expect(group.statistics).toMatchObject({ stale: 2, loads: 2 })
  })

  test('what cannot be loaded is served as it was for a while, but not after an invalidation, and a refusal is an answer', async () => {
    const { cache, ask, pass, group } = open()
    const lifetimes = { staleMs: 0, staleOnErrorMs: 5_000 }
    const failing = () => Promise.reject(new BanyanError('database_unreachable', 'it is away'))
    await ask('a', () => 1, { lifetimes })
    pass(2_000)
    expect(await ask('a', failing, { lifetimes })).toBe(1)
    expect(group.statistics).toMatchObject({ failing: 1 })
    await expect(ask('a', () => Promise.reject(new BanyanError('forbidden', 'no')), { lifetimes })).rejects.toMatchObject({ code: 'forbidden' })
    await cache.invalidate(['tag:a'])
    await expect(ask('a', failing, { lifetimes })).rejects.toMatchObject({ code: 'database_unreachable' })
  })

  test('one of many askers loads early what took long to load', async () => {
    const { ask, pass, loads } = open({ random: () => 0.5 })
    await ask('a', () => (pass(100), 1))
    pass(1_000 - 100 - 80)
    await ask('a', () => 2)
    await settled()
    expect(loads()).toBe(1)
    pass(20)
    await ask('a', () => 2)
    await settled()
    expect(loads()).toBe(2)
  })

  test('who has written later is not served what was loaded before', async () => {
    const { ask, loads } = open()
    await ask('a', () => 'before')
    expect(await ask('a', () => 'after', { needs: { 'orders/3': 5 } })).toBe('after')
    expect(await ask('a', () => 'unasked', { needs: { 'orders/3': 4 } })).toBe('after')
    expect(await ask('a', () => 'also', { needs: { 'orders/4': 1 } })).toBe('also')
    expect(await ask('a', () => 'unasked', { needs: { 'orders/3': 5, 'orders/4': 1 } })).toBe('also')
    expect(loads()).toBe(3)
  })

  test('who gave up does not make others give up', async () => {
    const { ask } = open()
    const first = gate<number>()
    const impatient = ask('a', first.wait)
    const patient = ask('a', () => 2)
    first.fail(new BanyanError('cancelled', 'gone'))
    await expect(impatient).rejects.toMatchObject({ code: 'cancelled' })
    expect(await patient).toBe(2)
  })

  test('a value cannot be changed by whoever got it', async () => {
    const { ask } = open()
    const got = (await ask('a', () => ({ inner: { n: 1 } }))) as { inner: { n: number } }
    expect(() => (got.inner.n = 2)).toThrow(TypeError)
  })
})

test('where others are that nobody hears of, nothing is served for longer than they may be served what was invalidated', async () => {
  const { cache, ask, pass, loads } = open({ shared: 'unheard' })
  await ask('a', () => 1)
  pass(60)
  expect(await ask('a', () => 2)).toBe(2)
  expect(await ask('a', () => 3)).toBe(2)
  await cache.invalidate(['tag:a'])
  expect(await ask('a', () => 3)).toBe(3)
  expect(loads()).toBe(3)
})

function settled(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve))
}
