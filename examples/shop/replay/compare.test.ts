import { expect, test } from 'vitest'
import { isBalanced } from '../terminal/balance.ts'
import { compareFigures } from './compare.ts'
import type { Figures } from './figures.ts'

const figures: Figures = {
  lines: 3,
  invoices: 2,
  sales: 1,
  credits: 1,
  customers: 1,
  codes: 2,
  quantity: 5,
  amount: 12_345,
  first: '2010-12-01T08:26:00',
  last: '2011-01-01T08:26:00',
  months: new Map([['2010-12', { lines: 3, invoices: 2, sales: 1, credits: 1, customers: 1, quantity: 5, amount: 12_345 }]]),
  countries: new Map([['EIRE', 12_345]]),
  topCustomers: [['17850', 12_345]],
  topProducts: [['85123A', 5]],
}
const compare = (changes: Partial<Figures>) => compareFigures({ by: 'in the file', figures }, { by: 'in the shop', figures: { ...figures, ...changes } })
const faults = (changes: Partial<Figures>) => compare(changes).flatMap((balance) => balance.faults)

test('the same is the same', () => {
  expect(isBalanced(compare({}))).toBe(true)
})

test('a thousandth is a difference, and so is a month, a country or a customer too few', () => {
  expect(faults({ amount: 12_346 })).toEqual(['amount: 12.345 in the file, 12.346 in the shop'])
  expect(faults({ months: new Map([['2010-12', { ...figures.months.get('2010-12')!, customers: 2 }]]) })).toEqual([
    'customers of 2010-12: 1 in the file, 2 in the shop',
  ])
  expect(faults({ months: new Map() })).toContain('amount of 2010-12: 12.345 in the file, none in the shop')
  expect(faults({ countries: new Map([['France', 12_345]]) })).toEqual([
    'amount of EIRE: 12.345 in the file, none in the shop',
    'amount of France: none in the file, 12.345 in the shop',
  ])
  expect(faults({ topCustomers: [] })).toEqual(['place 1: 17850 with 12345 in the file, nobody in the shop'])
  expect(faults({ topProducts: [['22197', 5]] })).toEqual(['place 1: 85123A with 5 in the file, 22197 with 5 in the shop'])
})

test('what somebody does not say is not compared', () => {
  const { codes: _codes, first: _first, ...rest } = figures
  expect(isBalanced(compareFigures({ by: 'in the file', figures }, { by: 'in the shop', figures: rest }))).toBe(true)
})
