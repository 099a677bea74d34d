import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { NOTHING } from './cache-control.ts'
import type { Fields } from './fields.ts'
import { initialAge, lifetime } from './freshness.ts'
import { instructions } from './targeted.ts'

const arrivedAt = Date.UTC(2026, 10, 29, 12)
const heuristic = { fraction: 0.1, capMs: 86_400_000 }
const http = (seconds: number): string => new Date(arrivedAt + seconds * 1_000).toUTCString()
const of = (fields: Fields, status = 200) => lifetime({ status, fields, arrivedAt }, instructions(fields, ['cdn-cache-control']), heuristic)

describe('age on arrival (RFC 9111 §4.2.3)', () => {
  /** The section's own words, in its own unit. */
  function naive(dateValue: number, ageValue: number, requestTime: number, responseTime: number): number {
    const apparentAge = Math.max(0, responseTime - dateValue)
    const responseDelay = responseTime - requestTime
    const correctedAgeValue = ageValue + responseDelay
    return Math.max(apparentAge, correctedAgeValue)
  }

  test('is what the section says', () => {
    const second = fc.integer({ min: -100_000, max: 100_000 })
    fc.assert(
      fc.property(second, fc.nat(100_000), fc.nat(300), (date, age, delay) => {
        const ms = initialAge({ date: http(date), age: String(age) }, arrivedAt - delay * 1_000, arrivedAt)
        expect(ms / 1_000).toBe(naive(date, age, -delay, 0))
      }),
    )
  })

  test('§5.1: the first member of Age counts, and none that is no number', () => {
    expect(initialAge({ age: '7, 90' }, arrivedAt, arrivedAt)).toBe(7_000)
    expect(initialAge({ age: ['7', '90'] }, arrivedAt, arrivedAt)).toBe(7_000)
    for (const age of ['-7', '7.5', 'old', '7;a=b', '']) expect(initialAge({ age }, arrivedAt, arrivedAt)).toBe(0)
  })

  test('a clock that went back meanwhile makes nothing younger', () => {
    expect(initialAge({ age: '7' }, arrivedAt + 60_000, arrivedAt)).toBe(7_000)
  })
})

describe('freshness lifetime (RFC 9111 §4.2.1)', () => {
  test('s-maxage before max-age before Expires before a guess', () => {
    const last = { date: http(0), 'last-modified': http(-1_000) }
    expect(of(last)).toEqual({ ms: 100_000, explicit: false })
    expect(of({ ...last, expires: http(60) })).toEqual({ ms: 60_000, explicit: true })
    expect(of({ ...last, expires: http(60), 'cache-control': 'max-age=30' })).toEqual({ ms: 30_000, explicit: true })
    expect(of({ ...last, expires: http(60), 'cache-control': 'max-age=30, s-maxage=20' })).toEqual({ ms: 20_000, explicit: true })
    expect(of({ ...last, 'cache-control': 's-maxage=20', 'cdn-cache-control': 'max-age=10' })).toEqual({ ms: 10_000, explicit: true })
  })

  test('§5.3: an Expires that is no date lies in the past', () => {
    expect(of({ expires: '0', 'last-modified': http(-1_000) })).toEqual({ ms: 0, explicit: true })
  })

  test('Expires counts from Date, and from now without one', () => {
    expect(of({ date: http(-50), expires: http(10) }).ms).toBe(60_000)
    expect(of({ expires: http(10) }).ms).toBe(10_000)
  })

  test('§4.2.2: a guess is capped, never negative, and only for statuses that allow it or answers that say public', () => {
    expect(of({ 'last-modified': http(-86_400 * 365) }).ms).toBe(86_400_000)
    expect(of({ 'last-modified': http(1_000) }).ms).toBe(0)
    expect(of({ 'last-modified': http(-1_000) }, 404).ms).toBe(100_000)
    expect(of({ 'last-modified': http(-1_000) }, 403).ms).toBe(0)
    expect(of({ 'last-modified': http(-1_000), 'cache-control': 'public' }, 403).ms).toBe(100_000)
  })

  test('RFC 9213 §2.2: Expires is for others where a field speaks to this cache', () => {
    expect(of({ 'cdn-cache-control': 'must-revalidate', expires: http(60), date: http(0) }).ms).toBe(0)
  })

  test('never fails and never gives what is no length of time', () => {
    const value = fc.oneof(fc.string({ maxLength: 20 }), fc.integer({ min: -99, max: 99 }).map(http), fc.constantFrom('max-age=5', 's-maxage=x', 'public'))
    const fields = fc.dictionary(fc.constantFrom('date', 'expires', 'last-modified', 'cache-control', 'cdn-cache-control', 'age'), value)
    fc.assert(
      fc.property(fields, fc.integer({ min: 200, max: 599 }), (fields, status) => {
        expect(of(fields, status).ms).toBeGreaterThanOrEqual(0)
        expect(initialAge(fields, arrivedAt, arrivedAt)).toBeGreaterThanOrEqual(0)
      }),
    )
  })
})

describe('targeted fields (RFC 9213)', () => {
  test('a field that cannot be read or is empty is as if it were not there', () => {
    for (const text of ['', 'max-age=', 'max-age=10,', 'Max-Age=10', 'max-age="10'])
      expect(instructions({ 'cdn-cache-control': text, 'cache-control': 'no-store' }, ['cdn-cache-control'])).toEqual({
        control: { ...NOTHING, noStore: true },
        targeted: false,
      })
  })

  test('the first of the list counts, with its last value of a name', () => {
    const fields = { 'cdn-cache-control': 'max-age=10;x="y", no-cache=?0, max-age=20', 'edge-cache-control': 'max-age=5' }
    expect(instructions(fields, ['edge-cache-control', 'cdn-cache-control']).control.maxAge).toBe(5)
    expect(instructions(fields, ['cdn-cache-control'])).toEqual({ control: { ...NOTHING, maxAge: 20 }, targeted: true })
  })
})
