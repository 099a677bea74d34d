import { expect, test } from 'vitest'
import { dice } from './dice.ts'

test('the same words give the same numbers, other words others', () => {
  expect(dice(7, 'orders.place', 1)).toEqual(dice(7, 'orders.place', 1))
  expect(dice(7, 'orders.place', 1)).not.toEqual(dice(7, 'orders.place', 2))
  // committed, so that a seed that failed once fails for good
  expect(dice(7, 'orders.place', 1)[0]).toBe(0.6050277699250728)
})

test('numbers lie from 0 up to 1, evenly', () => {
  const numbers = Array.from({ length: 1_000 }, (_, word) => dice(word)).flat()
  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0)
  expect(Math.max(...numbers)).toBeLessThan(1)
  expect(numbers.reduce((sum, number) => sum + number, 0) / numbers.length).toBeCloseTo(0.5, 1)
})
