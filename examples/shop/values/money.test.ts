import { expect, test } from 'vitest'
import { euros, fromDecimal, Money, Price, sum, times, written } from './money.ts'

test('amounts add up in cents', () => {
  expect(sum([times(euros(1990), 2), euros(5)])).toEqual({ amount: 3985, currency: 'EUR' })
  expect(sum([])).toEqual(euros(0))
})

test('amounts are written for people', () => {
  expect([0, 5, 1250, -1205].map((cents) => written(euros(cents)))).toEqual(['€0.00', '€0.05', '€12.50', '-€12.05'])
})

test('a price is more than nothing, and money has whole cents', () => {
  expect(Price.safeParse(euros(0)).success).toBe(false)
  expect(Money.safeParse(euros(1.5)).success).toBe(false)
  expect(Money.safeParse({ amount: 1, currency: 'USD' }).success).toBe(false)
})

test('decimals are read exactly, or not at all', () => {
  expect(['2.55', '0.29', '1.1', '7', '-11062.06', '0.00', '-0', '3.570'].map((text) => fromDecimal(text)?.amount)).toEqual([
    255, 29, 110, 700, -1106206, 0, 0, 357,
  ])
  expect(fromDecimal('0.001')).toBeUndefined()
  expect(fromDecimal('-1.255')).toBeUndefined()
})
