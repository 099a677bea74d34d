import { describe, expect, test } from 'vitest'
import { MemoryConcurrency } from './concurrency.ts'
import { MemoryLimiter } from './memory-limiter.ts'
import { MemoryCounter, QuotaLimiter } from './quota.ts'
import { tokenBucket } from './token-bucket.ts'

/** A clock that stands until it is moved, in milliseconds. */
function clock() {
  const hand = { ms: 0, monotonic: () => hand.ms, now: () => new Date(Date.UTC(2026, 0, 31, 23, 59) + hand.ms) }
  return hand
}

describe('what a process remembers', () => {
  test('is dropped when a bucket is full again', () => {
    const time = clock()
    const limiter = new MemoryLimiter(tokenBucket({ count: 1, periodMs: 1_000 }, 5), { clock: time })
    for (let i = 0; i < 1_000; i++) limiter.take(`first ${i}`, 1)
    expect(limiter.size).toBe(1_000)
    time.ms = 1_001
    for (let i = 0; i < 1_000; i++) limiter.take(`second ${i}`, 1)
    expect(limiter.size).toBeLessThanOrEqual(1_001)
    expect(limiter.take('first 1', 5)).toMatchObject({ admitted: true, remaining: 0 })
  })

  test('is bounded, and what has least to wait for goes first', () => {
    const time = clock()
    const limiter = new MemoryLimiter(tokenBucket({ count: 1, periodMs: 1_000 }, 1_000), { clock: time, keys: 4 })
    limiter.take('spent', 1_000)
    for (let i = 0; i < 10_000; i++) limiter.take(`visitor ${i}`, 1)
    expect(limiter.size).toBe(4)
    expect(limiter.take('spent', 1)).toMatchObject({ admitted: false })
  })

  test('is nothing where nothing was spent', () => {
    const limiter = new MemoryLimiter(tokenBucket({ count: 1, periodMs: 1_000 }, 5), { clock: clock() })
    limiter.take('a', 0)
    limiter.take('b', 6)
    expect(limiter.size).toBe(0)
  })
})

describe('places in memory', () => {
  test('are given back, or free when their lease has ended', () => {
    const time = clock()
    const limiter = new MemoryConcurrency({ limit: 2, leaseMs: 100 }, time)
    const [first, second] = [limiter.take('a'), limiter.take('a')]
    expect([first.remaining, second.remaining]).toEqual([1, 0])
    expect(limiter.take('a')).toMatchObject({ admitted: false, remaining: 0, retryMs: 100 })
    expect(limiter.take('b').admitted).toBe(true)
    void first.giveBack!()
    expect(limiter.take('a').admitted).toBe(true)
    time.ms = 100
    expect(limiter.take('a')).toMatchObject({ admitted: true, remaining: 1 })
    void second.giveBack!()
    expect(limiter.take('a'), 'what has lapsed cannot be given back twice').toMatchObject({ admitted: true, remaining: 0 })
  })

  test('leave nothing behind', () => {
    const limiter = new MemoryConcurrency({ limit: 2, leaseMs: 100 }, clock())
    const all = [limiter.take('a'), limiter.take('a'), limiter.take('b')]
    for (const taken of all) void taken.giveBack?.()
    expect(limiter.size).toBe(0)
  })
})

describe('a quota', () => {
  test('is whole again with the next day or month, in UTC', async () => {
    const time = clock()
    const counter = new MemoryCounter(time)
    const [day, month] = [new QuotaLimiter('day', 2, counter, time), new QuotaLimiter('month', 3, counter, time)]
    expect(await day.take('ada', 2)).toMatchObject({ admitted: true, remaining: 0, resetMs: 60_000 })
    expect(await day.take('ada', 1)).toMatchObject({ admitted: false, remaining: 0, retryMs: 60_000 })
    expect(await day.take('ada', 3)).toMatchObject({ admitted: false, retryMs: Infinity })
    const taken = await month.take('ada', 3)
    expect(await month.take('ada', 1)).toMatchObject({ admitted: false })
    await taken.giveBack?.()
    expect(await month.take('ada', 1)).toMatchObject({ admitted: true, remaining: 2 })
    time.ms = 60_000
    expect(await day.take('ada', 1)).toMatchObject({ admitted: true, remaining: 1, resetMs: 86_400_000 })
    expect(await month.take('ada', 1)).toMatchObject({ admitted: true, remaining: 2, resetMs: 28 * 86_400_000 })
  })

  test('is counted for so many only', () => {
    const counter = new MemoryCounter(clock(), 10)
    for (let i = 0; i < 1_000; i++) counter.add(`n${i}`, 1, 5, new Date(Date.UTC(2027, 0)))
    expect(counter.size).toBe(10)
  })
})
