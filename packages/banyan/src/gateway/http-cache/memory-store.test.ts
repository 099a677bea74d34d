import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { digestOf } from './answer-store.ts'
import { memoryStore } from './memory-store.ts'
import { s3Fifo } from './s3-fifo.ts'
import { routeCaching } from './settings.ts'
import { keep, sizeOf, type StoredAnswer } from './stored-answer.ts'

const times = { requestedAt: 0, arrivedAt: 0, steadyAt: 0 }

function stored(url: string, { size = 10, tags = '', variant = '' } = {}): StoredAnswer {
  const headers = { 'cache-control': 'max-age=1', 'cache-tag': tags, ...(variant !== '' && { vary: 'x' }) }
  return { ...keep({ url, scope: 'all' }, { x: variant }, { status: 200, headers, body: undefined }, times, routeCaching), body: Buffer.alloc(size) }
}

describe('answers in memory', () => {
  test('one takes the place of another with the same id, beside those of other variants', async () => {
    const store = memoryStore(1e6)
    const [first, second, other] = [stored('a'), stored('a'), stored('a', { variant: '1' })]
    for (const answer of [first, other, second]) await store.put(answer)
    expect(await store.find('a')).toEqual([other, second])
    await store.delete(first)
    expect(await store.find('a')).toEqual([other, second])
    await store.delete(second)
    expect(await store.find('a')).toEqual([other])
  })

  test('a digest names its resource, whatever came and went since the first', async () => {
    const store = memoryStore(1e6)
    const purge = (url: string) => store.purge({ digests: [digestOf(url)] })
    for (const variant of ['', '1']) await store.put(stored('a', { variant }))
    await store.put(stored('b'))
    expect([await purge('a'), await purge('a'), await purge('c')]).toEqual([2, 0, 0])
    await store.put(stored('a'))
    await store.put(stored('c'))
    await store.purge({ urls: ['c'] })
    expect([await purge('c'), await purge('a'), await purge('b')]).toEqual([0, 1, 1])
    await store.put(stored('a'))
    await store.purge({ all: true })
    expect(await purge('a')).toBe(0)
  })

  test('a tag finds what bears it, and nothing that is gone', async () => {
    const store = memoryStore(1e6)
    for (const [url, tags] of [
      ['a', 'x, y'],
      ['b', 'y'],
      ['c', 'z'],
      ['a', 'z'],
    ] as const)
      await store.put(stored(url, { tags }))
    expect(await store.purge({ tags: ['x'] })).toBe(0)
    expect(await store.purge({ tags: ['y', 'none'], urls: ['b'] })).toBe(1)
    expect(await store.purge({ all: true })).toBe(2)
    expect(store.status).toMatchObject({ answers: 0, bytes: 0 })
  })

  test('too many variants of one resource push out the oldest', async () => {
    const store = memoryStore(1e6)
    for (let i = 0; i < 100; i++) await store.put(stored('a', { variant: String(i) }))
    expect(await store.find('a')).toHaveLength(64)
    expect(store.status.answers).toBe(64)
  })

  test('an answer larger than a tenth of it is refused, and what it was to replace is gone', async () => {
    const store = memoryStore(100_000)
    await store.put(stored('a'))
    expect(await store.put(stored('a', { size: 10_000 }))).toBe(false)
    expect(await store.find('a')).toEqual([])
    expect(store.status).toMatchObject({ answers: 0, bytes: 0 })
  })

  test('whatever happens, it holds what it says, and no more than it may', async () => {
    const step = fc.record({
      url: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
      size: fc.nat(2_500),
      tags: fc.constantFrom('', 'x', 'x, y'),
      act: fc.constantFrom('put', 'put', 'use', 'delete', 'purge'),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const store = memoryStore(30_000)
        for (const { url, size, tags, act } of steps) {
          const found = await store.find(url)
          if (act === 'put') await store.put(stored(url, { size, tags, variant: String(size % 3) }))
          else if (act === 'purge') await store.purge({ tags: tags.split(', ') })
          else if (found[0] && act === 'use') store.used(found[0])
          else if (found[0]) await store.delete(found[0])
          const all = (await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map(async (one) => store.find(one)))).flat()
          expect(store.status.answers).toBe(all.length)
          expect(store.status.bytes).toBe(all.reduce((sum, answer) => sum + sizeOf(answer), 0))
          expect(store.status.bytes).toBeLessThanOrEqual(30_000)
        }
      }),
    )
  })
})

describe('S3-FIFO', () => {
  test('a scan does not wash out what is used', () => {
    const gone: string[] = []
    const kept = s3Fifo<string>(100, (value) => gone.push(value))
    for (let i = 0; i < 20; i++) kept.set(`hot ${i}`, `hot ${i}`, 1)
    for (let i = 0; i < 20; i++) kept.touch(`hot ${i}`)
    for (let i = 0; i < 10_000; i++) kept.set(`scan ${i}`, `scan ${i}`, 1)
    expect(gone.filter((value) => value.startsWith('hot'))).toEqual([])
    expect(kept.weight).toBe(100)
  })

  test('who comes back soon after being pushed out stays', () => {
    const gone: string[] = []
    const kept = s3Fifo<string>(100, (value) => gone.push(value))
    for (let i = 0; i < 150; i++) kept.set(String(i), String(i), 1)
    const back = gone[gone.length - 1]!
    kept.set(back, back, 1)
    gone.length = 0
    for (let i = 1_000; i < 1_200; i++) kept.set(String(i), String(i), 1)
    expect(gone).not.toContain(back)
  })
})
