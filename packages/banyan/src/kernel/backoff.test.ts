import { expect, test } from 'vitest'
import { fullJitter } from './backoff.ts'

test('time between attempts doubles up to the cap, and any part of it may be waited', () => {
  const backoff = { baseMs: 100, capMs: 1_000 }
  const most = [1, 2, 3, 4, 5, 60].map((failures) => fullJitter(backoff, failures, () => 1))
  expect(most).toEqual([100, 200, 400, 800, 1_000, 1_000])
  expect(fullJitter(backoff, 9, () => 0)).toBe(0)
})
