import { expect, test } from 'vitest'
import { merged, pieces, Sku } from './item.ts'

test('numbers of products', () => {
  for (const sku of ['TEA-001', '85123A', 'BANK CHARGES', 'M', 'DCGS0076', 'GIFT_0001_20', 'A'.repeat(30)]) expect(Sku.safeParse(sku).success, sku).toBe(true)
  for (const sku of ['', 'tea-001', ' M', 'M ', '-1', 'TEA/001', 'A'.repeat(31)]) expect(Sku.safeParse(sku).success, sku).toBe(false)
})

test('items of the same product are one', () => {
  const items = [
    { sku: 'TEA-001', quantity: 1 },
    { sku: 'CUP-002', quantity: 1 },
    { sku: 'TEA-001', quantity: 2 },
  ]
  expect(merged(items)).toEqual([
    { sku: 'TEA-001', quantity: 3 },
    { sku: 'CUP-002', quantity: 1 },
  ])
  expect(pieces(items)).toBe(4)
})
