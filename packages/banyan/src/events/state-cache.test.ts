import { describe, expect, test, vi } from 'vitest'
import { StateCache, type Proposal, type StreamState } from './state-cache.ts'
import type { Outcome } from './unit.ts'

const stream = 'counter/1'

function at(version: number, last = `e${version}`): StreamState<number> {
  return version === 0 ? { version, state: 0 } : { version, last, state: version }
}

function proposal(base: StreamState, next: StreamState, of = stream): Proposal {
  return { stream: of, base, next, bytes: 10 }
}

function committed(version: number): Outcome {
  return { kind: 'committed', versions: [version], positions: [] }
}

const conflict = (of = stream): Outcome => ({ kind: 'conflict', stream: of, expected: 0, actual: 1 })

/** A commit whose end the test decides. */
function pending(): { commit: () => Promise<Outcome>; end: (outcome: Outcome) => void; fail: (error: Error) => void } {
  const { promise, resolve, reject } = Promise.withResolvers<Outcome>()
  return { commit: () => promise, end: resolve, fail: reject }
}

async function cacheWith(state: StreamState, options = {}): Promise<StateCache> {
  const cache = new StateCache(options)
  await cache.load(stream, async () => ({ state, bytes: 10 }))
  return cache
}

describe('what was read', () => {
  test('is read once, also by those who ask meanwhile', async () => {
    const cache = new StateCache()
    const { promise, resolve } = Promise.withResolvers<{ state: StreamState; bytes: number }>()
    const read = vi.fn(() => promise)
    const asked = [cache.load(stream, read), cache.load(stream, read)]
    resolve({ state: at(2), bytes: 1 })
    expect(await Promise.all(asked)).toEqual([at(2), at(2)])
    expect(await cache.load(stream, read)).toEqual(at(2))
    expect(read).toHaveBeenCalledTimes(1)
  })

  test('is not kept when the stream is forgotten while it is read', async () => {
    const cache = new StateCache()
    const { promise, resolve } = Promise.withResolvers<{ state: StreamState; bytes: number }>()
    const asked = cache.load(stream, () => promise)
    cache.forget([stream])
    resolve({ state: at(2), bytes: 1 })
    expect(await asked).toEqual(at(2))
    expect(cache.latest(stream)).toBeUndefined()
  })

  test('that could not be read is read again', async () => {
    const cache = new StateCache()
    await expect(cache.load(stream, () => Promise.reject(new Error('gone')))).rejects.toThrow('gone')
    expect(await cache.load(stream, async () => ({ state: at(1), bytes: 1 }))).toEqual(at(1))
  })
})

describe('what was submitted', () => {
  test('is what the next decision is made on, and is kept when it is committed', async () => {
    const cache = await cacheWith(at(0))
    const [first, second] = [pending(), pending()]
    const one = cache.submit([proposal(at(0), at(1))], first.commit)
    expect([cache.latest(stream), cache.committed(stream)]).toEqual([at(1), at(0)])
    const two = cache.submit([proposal(at(1), at(2))], second.commit)
    expect(cache.latest(stream)).toEqual(at(2))
    first.end(committed(1))
    await one
    expect([cache.latest(stream), cache.committed(stream)]).toEqual([at(2), at(1)])
    second.end(committed(2))
    await two
    expect([cache.latest(stream), cache.committed(stream)]).toEqual([at(2), at(2)])
  })

  test('on something that is not the latest is a conflict, and is not committed', async () => {
    const cache = await cacheWith(at(3))
    const commit = vi.fn()
    expect(await cache.submit([proposal(at(2), at(4))], commit)).toEqual({ kind: 'conflict', stream, expected: 2, actual: 3 })
    expect(await cache.submit([proposal(at(3, 'other'), at(4))], commit)).toMatchObject({ kind: 'conflict' })
    expect(commit).not.toHaveBeenCalled()
    expect(cache.latest(stream), 'and nothing is forgotten').toEqual(at(3))
  })

  test('goes, with what was built on it, when it fails for another reason than its stream', async () => {
    const cache = await cacheWith(at(0))
    const [first, second, third] = [pending(), pending(), pending()]
    const one = cache.submit([proposal(at(0), at(1))], first.commit)
    const two = cache.submit([proposal(at(1), at(2)), proposal(at(0), at(1), 'counter/2')], second.commit)
    const three = cache.submit([proposal(at(2), at(3))], third.commit)
    second.end({ kind: 'duplicate', input: '', result: '' })
    await two
    expect(cache.latest(stream)).toEqual(at(1))
    expect(cache.latest('counter/2')).toEqual(at(0))
    third.end({ kind: 'lease_lost' })
    await three
    expect(cache.latest(stream), 'the end of one that is gone already changes nothing').toEqual(at(1))
    first.end(committed(1))
    await one
    expect(cache.committed(stream)).toEqual(at(1))
  })

  test('forgets the stream when that was not what it was thought to be', async () => {
    const cache = await cacheWith(at(0))
    await cache.submit([proposal(at(0), at(1)), proposal(at(0), at(1), 'counter/2')], async () => conflict('counter/2'))
    expect([cache.latest(stream), cache.latest('counter/2')]).toEqual([at(0), undefined])
  })

  test('forgets the streams when nobody knows what became of it', async () => {
    const cache = await cacheWith(at(0))
    await expect(cache.submit([proposal(at(0), at(1))], () => Promise.reject(new Error('outcome unknown')))).rejects.toThrow('outcome unknown')
    expect(cache.latest(stream)).toBeUndefined()
  })

  test('asserting only, leaves the state and finds out if it was wrong', async () => {
    const cache = await cacheWith(at(1))
    const state = cache.latest(stream)!
    await cache.submit([proposal(state, state)], async () => committed(1))
    expect(cache.latest(stream)).toBe(state)
    await cache.submit([proposal(state, state)], async () => conflict())
    expect(cache.latest(stream)).toBeUndefined()
  })
})

describe('bounds', () => {
  test('the streams used longest ago go first', async () => {
    const cache = new StateCache({ maxEntries: 2 })
    const read = async () => ({ state: at(1), bytes: 1 })
    await cache.load('a', read)
    await cache.load('b', read)
    cache.latest('a')
    await cache.load('c', read)
    expect(['a', 'b', 'c'].map((name) => cache.latest(name) !== undefined)).toEqual([true, false, true])
  })

  test('large states count', async () => {
    const cache = new StateCache({ maxBytes: 10_000 })
    for (const name of ['a', 'b', 'c']) await cache.load(name, async () => ({ state: at(1), bytes: 4_000 }))
    expect(cache.size).toBe(2)
  })

  test('what is pending stays', async () => {
    const cache = new StateCache({ maxEntries: 1 })
    const first = pending()
    const submitted = cache.submit([proposal(at(0), at(1), 'a')], first.commit)
    await cache.load('b', async () => ({ state: at(1), bytes: 1 }))
    expect(cache.latest('a')).toEqual(at(1))
    first.end(committed(1))
    await submitted
    expect(cache.size).toBe(1)
  })
})
