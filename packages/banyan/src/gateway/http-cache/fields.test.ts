import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anyMatches } from './entity-tag.ts'
import { lowerCased } from './fields.ts'
import { isUnmodified } from './preconditions.ts'
import { requestedPart } from './range.ts'
import { routeCaching } from './settings.ts'
import { keep } from './stored-answer.ts'
import { tagsOf } from './tags.ts'
import { variantKey, varyNames } from './vary.ts'

const stored = keep(
  { url: 'example.com/', scope: 'all' },
  {},
  { status: 200, headers: { etag: '"a"', 'last-modified': 'Sun, 29 Nov 2026 12:00:00 GMT' }, body: undefined },
  { requestedAt: 0, arrivedAt: 0, steadyAt: 0 },
  routeCaching,
)

describe('Vary (RFC 9111 §4.1)', () => {
  test('names are sorted and each once, and a star is everything', () => {
    expect(varyNames({ vary: ['Foo, accept-encoding', ' foo ,, Bar'] })).toEqual(['accept-encoding', 'bar', 'foo'])
    expect(varyNames({ vary: 'foo, *' })).toBe('*')
    expect(varyNames({})).toEqual([])
  })

  test('what means the same is the same', () => {
    const key = (name: string, value: string | string[]): string => variantKey([name], { [name]: value })
    expect(key('accept-encoding', 'gzip, BR;q = 1')).toBe(key('accept-encoding', ['br;q=1', 'gzip']))
    expect(key('accept-language', 'DE, en;q=0.5')).toBe(key('accept-language', 'de,en; q=0.5'))
    expect(key('foo', ['a', 'b'])).toBe(key('foo', 'a ,  b'))
    expect(key('foo', 'a')).not.toBe(key('foo', 'A'))
  })

  test('a field that is absent is something else than an empty one', () => {
    expect(variantKey(['foo'], {})).not.toBe(variantKey(['foo'], { foo: '' }))
  })

  test('no two requests that differ in a plain field share a key', () => {
    const value = fc.option(fc.stringMatching(/^[a-z:]{0,3}$/), { nil: undefined })
    fc.assert(
      fc.property(value, value, value, value, (a, b, c, d) => {
        const same = variantKey(['x', 'x:a'], { x: a, 'x:a': b }) === variantKey(['x', 'x:a'], { x: c, 'x:a': d })
        expect(same).toBe(a === c && b === d)
      }),
    )
  })
})

test('tags of both forms are taken, each once', () => {
  expect(tagsOf({ 'cache-tag': 'a, b c', 'surrogate-key': 'a d  e' })).toEqual(['a', 'b c', 'd', 'e'])
})

test('names that differ in case are one name', () => {
  expect(lowerCased({ 'Set-Cookie': 'a', 'set-cookie': ['b', 'c'], X: undefined })).toEqual({ 'set-cookie': ['a', 'b', 'c'] })
})

describe('conditions of clients (RFC 9111 §4.3.2)', () => {
  test.each([
    ['"a"', true],
    ['W/"a"', true],
    ['"b", "a"', true],
    ['*', true],
    ['"b"', false],
    ['"a', false],
  ])('If-None-Match: %s', (condition, matches) => {
    expect(anyMatches(condition, '"a"')).toBe(matches)
  })

  test('If-Modified-Since counts where there is no If-None-Match', () => {
    const same = 'Sun, 29 Nov 2026 12:00:00 GMT'
    const before = 'Sun, 29 Nov 2026 11:59:59 GMT'
    expect(isUnmodified({ 'if-modified-since': same }, stored)).toBe(true)
    expect(isUnmodified({ 'if-modified-since': before }, stored)).toBe(false)
    expect(isUnmodified({ 'if-modified-since': 'yesterday' }, stored)).toBe(false)
    expect(isUnmodified({ 'if-modified-since': same, 'if-none-match': '"b"' }, stored)).toBe(false)
  })
})

describe('ranges (RFC 9110 §14)', () => {
  test.each([
    ['bytes=0-3', { from: 0, to: 4 }],
    ['bytes=4-', { from: 4, to: 10 }],
    ['bytes=4-99', { from: 4, to: 10 }],
    ['bytes=-3', { from: 7, to: 10 }],
    ['bytes=-99', { from: 0, to: 10 }],
    ['bytes=10-', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=5-4', undefined],
    ['bytes=0-1,3-4', undefined],
    ['lines=1-2', undefined],
    ['bytes=a-b', undefined],
  ])('%s', (range, part) => {
    expect(requestedPart({ range }, stored, 10)).toEqual(part)
  })

  test('§13.1.5: If-Range takes the very validator, and no weak one', () => {
    const whole = (condition: string): boolean => requestedPart({ range: 'bytes=0-3', 'if-range': condition }, stored, 10) === undefined
    expect(whole('"a"')).toBe(false)
    expect(whole('Sun, 29 Nov 2026 12:00:00 GMT')).toBe(false)
    expect(whole('W/"a"')).toBe(true)
    expect(whole('"b"')).toBe(true)
    expect(whole('Sun, 29 Nov 2026 11:00:00 GMT')).toBe(true)
  })
})
