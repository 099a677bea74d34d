import { expect, test } from 'vitest'
import { rateOf, ticksOf } from './rate.ts'

test.each([
  ['10/s', 10, 1_000],
  ['100/m', 100, 60_000],
  ['1000/h', 1_000, 3_600_000],
  ['5/d', 5, 86_400_000],
])('%s', (text, count, periodMs) => {
  expect(rateOf(text)).toEqual({ count, periodMs })
})

test.each(['10', '10/', '0/s', '-1/s', '1.5/s', '10/week', '10 / s', '', '10/ms', '01/s', '1e3/s'])('%j is no rate', (text) => {
  expect(() => rateOf(text)).toThrow(`'${text}' is not a rate; write a count and a unit, such as '10/s'`)
})

test('what is reckoned with stays exact', () => {
  expect(ticksOf({ count: 10, periodMs: 1_000 }, 20)).toEqual({ tickUs: 1, gain: 1, every: 100_000 })
  expect(ticksOf({ count: 7, periodMs: 86_400_000 }, 10_000_000)).toEqual({ tickUs: 1_000, gain: 7, every: 86_400_000 })
  for (const periodMs of [1_000, 60_000, 3_600_000, 86_400_000])
    for (const count of [1, 7, 999_983, 10_000_000]) {
      const { every, gain } = ticksOf({ count, periodMs }, 10_000_000)
      expect(10_000_000 * every + gain).toBeLessThan(2 ** 52)
    }
})
