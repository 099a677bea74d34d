import { describe, expect, test } from 'vitest'
import { derivedId, isTimelessId, isUuidv7, timeOf, uuidv7 } from './id.ts'

describe('a UUIDv7', () => {
  test('says its time, and grows within one millisecond and from one to the next', () => {
    const now = Date.now() + 60_000
    const ids = Array.from({ length: 10_000 }, (_, index) => uuidv7(now + Math.floor(index / 100)))
    expect(ids.filter((id) => !isUuidv7(id))).toEqual([])
    expect([...ids].sort()).toEqual(ids)
    expect(timeOf(ids[0]!)).toBe(now)
  })

  test('goes on growing when more are made in a millisecond than it has numbers for, and when the clock goes back', () => {
    const now = Date.now() + 120_000
    const ids = Array.from({ length: 10_000 }, () => uuidv7(now))
    ids.push(uuidv7(now - 1_000))
    expect([...ids].sort()).toEqual(ids)
    expect(new Set(ids).size).toBe(ids.length)
  })
})

describe('a derived id', () => {
  // recorded keys and ids depend on it: it must never change
  test('of a UUIDv7 is one of the same time, and always the same', () => {
    const parent = '019ab4b4-2f00-7000-8000-000000000001'
    expect(derivedId(parent, 'orders', 'id', '', 'ada', 0)).toBe('019ab4b4-2f00-77ab-a77e-8bb9a8617b45')
    expect(derivedId(parent, 'orders', 'id', '', 'ada', 1)).not.toBe(derivedId(parent, 'orders', 'id', '', 'ada', 0))
  })

  test('of anything else lies behind all times', () => {
    const id = derivedId('no uuid', 'orders', 1)
    expect(id).toBe('ffffffff-ffff-863e-9229-6b06ed1b4b28')
    expect(isTimelessId(id)).toBe(true)
    expect(timeOf(id)).toBeUndefined()
  })
})
