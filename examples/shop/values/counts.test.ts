import { expect, test } from 'vitest'
import { itemsOf, lacking, minus, plus, within } from './counts.ts'

const tea = (quantity: number) => ({ sku: 'TEA-001', quantity })
const cup = (quantity: number) => ({ sku: 'CUP-002', quantity })

test('what is none is not there', () => {
  expect(plus({ 'TEA-001': 1 }, [tea(2), cup(1)])).toEqual({ 'TEA-001': 3, 'CUP-002': 1 })
  expect(minus({ 'TEA-001': 3, 'CUP-002': 1 }, [tea(3)])).toEqual({ 'CUP-002': 1 })
  expect(itemsOf(plus(minus({}, [tea(2)]), [tea(2), cup(4)]))).toEqual([cup(4)])
})

test('as much as there is, and what is missing', () => {
  expect(within({ 'TEA-001': 2 }, [tea(3), cup(1)])).toEqual([tea(2)])
  expect(lacking({ 'TEA-001': 2 }, [tea(2), cup(1)])).toEqual({ sku: 'CUP-002', possible: 0 })
  expect(lacking({ 'TEA-001': 2 }, [tea(2)])).toBeUndefined()
})
