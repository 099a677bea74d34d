import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalJson, storableJson } from './json.ts'

describe('canonical JSON', () => {
  test('has keys in order, at every depth, and says all else as JSON does', () => {
    const value = { b: [{ z: 1, a: null }, undefined], a: { at: new Date(0), 10: true, 9: 'ü' }, left: undefined, B: -0 }
    expect(canonicalJson(value)).toBe('{"B":0,"a":{"9":"ü","10":true,"at":"1970-01-01T00:00:00.000Z"},"b":[{"a":null,"z":1},null]}')
  })

  test('keeps a field named __proto__ a field', () => {
    expect(canonicalJson(JSON.parse('{"b":1,"__proto__":{"a":2}}'))).toBe('{"__proto__":{"a":2},"b":1}')
  })
})

test('the order of keys says nothing', () => {
  const flat = fc.dictionary(fc.string({ maxLength: 3 }), fc.oneof(fc.string(), fc.double({ noNaN: true }), fc.boolean(), fc.constant(null)))
  const backwards = (value: object) => Object.fromEntries(Object.entries(value).toReversed())
  fc.assert(
    fc.property(flat, (value) => {
      const text = canonicalJson(value)
      expect(canonicalJson(backwards(value))).toBe(text)
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
    }),
  )
  class Price {
    toJSON = () => ({ b: 1, a: 2 })
  }
  expect(canonicalJson(new Price())).toBe('{"a":2,"b":1}')
})

describe('storable JSON', () => {
  test.each([
    ['U+0000', 'a\0'],
    ['half a surrogate pair', 'a\ud83d'],
  ])('refuses %s', (_what, text) => {
    expect(() => storableJson({ text }, 'the event')).toThrow(expect.objectContaining({ code: 'invalid_event' }))
  })

  test('takes text that only looks like such an escape, and whole pairs', () => {
    for (const text of ['\\u0000', '\\ud83d', '🙂', '\\\\']) expect(JSON.parse(storableJson({ text }, 'the event'))).toEqual({ text })
  })

  test('refuses what JSON cannot say', () => {
    expect(() => storableJson(undefined, 'the event')).toThrow('undefined, which JSON cannot say')
  })
})
