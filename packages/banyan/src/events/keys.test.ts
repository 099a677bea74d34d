import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { logDatabase } from '../../test/events/log-database.ts'
import { isUuidv7, uuidv7 } from '../kernel/id.ts'
import type { TestDatabase } from '../testing/database.ts'
import { commitUnits } from './commit.ts'
import { findKey, inputHash, KEY_RETENTION, keyOf, NOT_KEPT, repeatedResult } from './keys.ts'

const now = Date.parse('2026-11-21T12:00:00Z')

/** A UUIDv7 of a time; the generator's own never go back. */
function at(ms: number): string {
  const time = ms.toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`
}

describe('the key that a command is recorded under', () => {
  test('is the client’s, if that is a UUIDv7', () => {
    const key = at(now)
    expect(keyOf(key, now)).toBe(key)
    expect(keyOf(key.toUpperCase(), now)).toBe(key)
  })

  test('is made of any other, always the same, outside of all time', () => {
    const keys = ['order-1', 'order-2', 'x', '~'.repeat(255), 'c5b1d8e2-52f6-4c0e-9a57-3f6f1d1f6b0a'].map((key) => keyOf(key, now))
    expect(keys[0]).toBe('ffffffff-ffff-80ba-be22-156d2698c143')
    for (const key of keys) expect(key).toMatch(/^ffffffff-ffff-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(new Set(keys).size).toBe(keys.length)
    expect(keys.some(isUuidv7)).toBe(false)
    expect(keyOf('order-1', now + 1e12)).toBe(keys[0])
  })

  test.each(['', ' ', 'a b', 'schlüssel', 'a\nb', 'x'.repeat(256)])('cannot be made of %j', (key) => {
    expect(() => keyOf(key, now)).toThrow(expect.objectContaining({ code: 'key_invalid' }))
  })

  test('is refused when it is too old to tell a repeat, or of the future', () => {
    expect(keyOf(at(now - KEY_RETENTION), now)).toBeTypeOf('string')
    expect(() => keyOf(at(now - KEY_RETENTION - 1), now)).toThrow(expect.objectContaining({ code: 'key_expired' }))
    expect(keyOf(at(now + 3_600_000), now)).toBeTypeOf('string')
    expect(() => keyOf(at(now + 2 * 86_400_000), now)).toThrow(expect.objectContaining({ code: 'key_invalid' }))
  })
})

test('equal inputs have one hash, in whatever order their keys are', () => {
  expect(inputHash({ a: 1, b: [{ c: 2, d: 3 }] })).toBe(inputHash({ b: [{ d: 3, c: 2 }], a: 1 }))
  expect(inputHash({ a: 1 })).not.toBe(inputHash({ a: 2 }))
  expect(inputHash(undefined)).toBe(inputHash(null))
})

test('what a secret command was answered is not known, nor whether its input was the same', () => {
  const kept = { key: uuidv7(), input: inputHash({ a: 1 }) }
  const known = { input: kept.input, result: '{}' }
  const [secret, unknown] = [
    { ...kept, input: NOT_KEPT },
    { ...known, input: NOT_KEPT },
  ]
  for (const [key, found] of [
    [secret, unknown],
    [secret, known],
    [kept, unknown],
  ] as const)
    expect(() => repeatedResult('users.logIn', key, found)).toThrow(expect.objectContaining({ code: 'answer_not_kept' }))
  expect(repeatedResult('users.logIn', kept, known)).toBe('{}')
})

describe('a recorded key', () => {
  let db: TestDatabase
  beforeAll(async () => {
    db = await logDatabase()
  })
  afterAll(() => db[Symbol.asyncDispose]())

  test('is found with its result, byte for byte', async () => {
    const key = { key: uuidv7(), operation: 'place', tenant: 't', subject: 's' }
    expect(await findKey(db.database.pool, key)).toBeUndefined()
    const record = { ...key, input: inputHash({ a: 1 }), result: '{"b": 1.0,  "a":"ü"}' }
    await commitUnits(db.database.pool, [{ tenant: 't', streams: [], sends: [], key: record }])
    const found = await findKey(db.database.pool, key)
    expect(found).toEqual({ input: record.input, result: record.result })
    expect(await findKey(db.database.pool, { ...key, subject: 'other' })).toBeUndefined()
    expect(repeatedResult('orders.place', record, found!)).toBe(record.result)
    expect(() => repeatedResult('orders.place', { ...record, input: inputHash({ a: 2 }) }, found!)).toThrow(expect.objectContaining({ code: 'key_reused' }))
  })
})
