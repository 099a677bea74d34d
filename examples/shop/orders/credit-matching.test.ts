import { expect, test } from 'vitest'
import { matched } from './credit-matching.ts'
import type { InvoiceLine } from './invoice-document.ts'

const line = (number: number, sku: string, quantity: number): InvoiceLine => ({
  line: number,
  sku,
  description: '',
  quantity,
  price: '2.55',
  at: '2011-01-18T10:17:00',
})
const newer = { orderId: 'newer', left: new Map([['TEA-001', 2]]) }
const older = {
  orderId: 'older',
  left: new Map([
    ['TEA-001', 5],
    ['CUP-002', 0],
  ]),
}
const reasons = (lines: InvoiceLine[], customerId: string | null = 'ada') => matched(lines, customerId, [newer, older]).entered.map(({ refused }) => refused)

test('the newest order first, and older ones for what is missing', () => {
  expect(matched([line(1, 'tea-001', -3)], 'ada', [newer, older]).credits).toEqual([
    { orderId: 'newer', items: [{ sku: 'TEA-001', quantity: 2 }] },
    { orderId: 'older', items: [{ sku: 'TEA-001', quantity: 1 }] },
  ])
})

test('lines of one product share what is left of it', () => {
  const { entered, credits } = matched([line(1, 'TEA-001', -2), line(2, 'TEA-001', -6), line(3, 'TEA-001', -5)], 'ada', [newer, older])
  expect(entered.map(({ refused }) => refused)).toEqual([null, 'more than was bought', null])
  expect(credits).toEqual([
    { orderId: 'newer', items: [{ sku: 'TEA-001', quantity: 2 }] },
    { orderId: 'older', items: [{ sku: 'TEA-001', quantity: 5 }] },
  ])
})

test('a line that cannot be matched says why', () => {
  expect(reasons([line(1, 'TEA-001', -1)], null)).toEqual(['no customer'])
  expect(reasons([line(1, 'HAT-404', -1)])).toEqual(['not bought here'])
  expect(reasons([line(1, 'CUP-002', -1)])).toEqual(['more than was bought'])
  expect(reasons([line(1, 'TEA-001', 1), line(2, 'TEA-001', 0)])).toEqual(['no quantity', 'no quantity'])
})
