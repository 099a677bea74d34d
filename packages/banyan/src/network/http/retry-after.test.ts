import { expect, test } from 'vitest'
import { retryAfterMs } from './retry-after.ts'

const now = Date.parse('2026-05-01T12:00:00Z')

test.each([
  ['1', 1_000],
  ['120', 120_000],
  ['Fri, 01 May 2026 12:00:30 GMT', 30_000],
  ['Fri, 01 May 2026 11:00:00 GMT', 0],
  ['soon', undefined],
  [undefined, undefined],
  [['1', '2'], undefined],
])('%j', (header, ms) => {
  expect(retryAfterMs(header, now)).toBe(ms)
})
