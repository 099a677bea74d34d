import { expect, test } from 'vitest'
import { askedWait, fullJitter } from './backoff.ts'
import { BanyanError } from './errors.ts'

test('time between attempts doubles up to the cap, and any part of it may be waited', () => {
  const backoff = { baseMs: 100, capMs: 1_000 }
  const most = [1, 2, 3, 4, 5, 60].map((failures) => fullJitter(backoff, failures, () => 1))
  expect(most).toEqual([100, 200, 400, 800, 1_000, 1_000])
  expect(fullJitter(backoff, 9, () => 0)).toBe(0)
})

test('an error that says when to come back is waited for, but not for a day', () => {
  const refused = (details: Record<string, unknown>) => new BanyanError('rate_limited', 'too often', { details })
  expect(
    [refused({ retryAfterMs: 1_500 }), refused({ retryAfterMs: 86_400_000 }), refused({}), refused({ retryAfterMs: -1 }), new Error('no')].map(askedWait),
  ).toEqual([1_500, 300_000, 0, 0, 0])
})
