import fc from 'fast-check'
import { expect, test } from 'vitest'
import { httpDate } from './http-date.ts'

const moment = Date.UTC(1994, 10, 6, 8, 49, 37)

test.each(['Sun, 06 Nov 1994 08:49:37 GMT', 'Sunday, 06-Nov-94 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994'])('RFC 9110 §5.6.7: %s', (text) => {
  expect(httpDate(text)).toBe(moment)
})

test.each([
  '0',
  '-1',
  '',
  'tomorrow',
  '1994-11-06T08:49:37Z',
  'Sun, 6 Nov 1994 08:49:37 GMT',
  'Sun, 31 Feb 1994 08:49:37 GMT',
  'Sun, 06 Nov 1994 24:00:00 GMT',
  'Sun, 06 Nov 1994 08:49:37 EST',
])('is none: %s', (text) => {
  expect(httpDate(text)).toBeUndefined()
})

test('§5.6.7: a year of two digits is not more than 50 years ahead', () => {
  const now = Date.UTC(2026, 0, 1)
  expect(new Date(httpDate('Sunday, 06-Nov-76 08:49:37 GMT', now)!).getUTCFullYear()).toBe(2076)
  expect(new Date(httpDate('Sunday, 06-Nov-77 08:49:37 GMT', now)!).getUTCFullYear()).toBe(1977)
})

test('reads what JavaScript writes', () => {
  const seconds = fc.integer({ min: Date.UTC(1000, 0) / 1_000, max: Date.UTC(9999, 0) / 1_000 })
  fc.assert(fc.property(seconds, (second) => httpDate(new Date(second * 1_000).toUTCString()) === second * 1_000))
})
