import { expect, test } from 'vitest'
import { orders } from './contract.ts'
import { priced, totalOf } from './pricing.ts'

test('lines have the prices of the day', () => {
  const lines = priced(
    [
      { sku: 'TEA', quantity: 2 },
      { sku: 'CUP', quantity: 1 },
    ],
    { TEA: 450, CUP: 990 },
  )
  expect(lines.map(({ price }) => price)).toEqual([450, 990])
  expect(totalOf(lines)).toBe(1890)
})

test('a product without a price is refused', () => {
  expect(() => priced([{ sku: 'HAT', quantity: 1 }], {})).toThrow(expect.toSatisfy(orders.place.errors.UnknownProduct.is))
})
