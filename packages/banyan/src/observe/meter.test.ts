import { expect, test } from 'vitest'
import { meter } from './meter.ts'

test('answers are counted by kind for good; rates and times are those of late', () => {
  const counted = meter(0)
  for (const status of [200, 204, 304, 404, 503, 0]) {
    counted.begin()
    counted.end(status, 9_000, 10_000)
  }
  counted.begin()
  const answers = { '1xx': 0, '2xx': 2, '3xx': 1, '4xx': 1, '5xx': 1, gone: 1 }
  const soon = counted.status(12_000)
  expect(soon).toMatchObject({ inFlight: 1, answers, lately: { perSecond: 0.5, answers } })
  expect(soon.lately.p50Ms / 1_000).toBeCloseTo(1, 1)
  expect(soon.lately.p99Ms / 1_000).toBeCloseTo(1, 1)
  // in the second half minute both count
  expect(counted.status(36_000)).toMatchObject({ lately: { perSecond: 1 / 6, answers } })
  const later = counted.status(61_000)
  expect(later).toMatchObject({ inFlight: 1, answers, lately: { perSecond: 0, p99Ms: 0, answers: { '2xx': 0, '5xx': 0, gone: 0 } } })
})

test('after a long silence nothing old is of late', () => {
  const counted = meter(0)
  counted.begin()
  counted.end(500, 0, 1)
  counted.begin()
  counted.end(200, 599_999, 600_001)
  const { answers, lately } = counted.status(600_001)
  expect(answers).toMatchObject({ '2xx': 1, '5xx': 1 })
  expect(lately.answers).toMatchObject({ '2xx': 1, '5xx': 0 })
  expect(lately.p99Ms).toBeLessThan(3)
})

test('quantiles are at most 7 % above the truth, over both halves', () => {
  const counted = meter(0)
  for (let ms = 1; ms <= 1_000; ms++) {
    counted.begin()
    const now = ms <= 500 ? 20_000 : 40_000
    counted.end(200, now - ms, now)
  }
  const { p50Ms, p95Ms, p99Ms } = counted.status(40_000).lately
  for (const [found, true_] of [
    [p50Ms, 500],
    [p95Ms, 950],
    [p99Ms, 990],
  ] as const) {
    expect(found).toBeGreaterThanOrEqual(true_)
    expect(found).toBeLessThanOrEqual(true_ * 1.07)
  }
})

test('what lasts as long as its reader is counted, and its time is not', () => {
  const counted = meter(0)
  counted.begin()
  counted.end(200, undefined, 9_000)
  expect(counted.status(9_000)).toMatchObject({ inFlight: 0, lately: { answers: { '2xx': 1 }, p99Ms: 0 } })
})
