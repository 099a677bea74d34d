import { expect, test } from 'vitest'
import { imbalances, type Ledgers } from './ledgers.ts'
import { euros } from './values/money.ts'

const balanced: Ledgers = {
  orders: { open: 0, confirmed: 1, cancelled: 2, total: euros(2500), sold: [{ sku: 'TEA-001', quantity: 2 }] },
  inventory: [{ sku: 'TEA-001', received: 5, reserved: 3, released: 1, sold: 2, onShelf: { available: 3, reserved: 0 } }],
  payments: { captured: euros(3750), refunded: euros(1250), charges: 2, refunds: 1 },
}
const [tea] = balanced.inventory as [Ledgers['inventory'][number]]

test('ledgers that agree are balanced', () => {
  expect(imbalances(balanced)).toEqual([])
})

test('lost or invented money is named', () => {
  expect(imbalances({ ...balanced, payments: { ...balanced.payments, refunded: euros(0) } })).toEqual([
    'payments captured €37.50 and refunded €0.00, but confirmed orders come to €25.00',
  ])
})

test('lost or invented pieces are named', () => {
  expect(imbalances({ ...balanced, inventory: [{ ...tea, onShelf: { available: 4, reserved: 0 } }] })).toEqual([
    'TEA-001: 4 are available, but the movements leave 3',
  ])
  expect(imbalances({ ...balanced, inventory: [{ ...tea, sold: 1, onShelf: { available: 3, reserved: 1 } }] })).toEqual([
    'TEA-001: 1 are still kept for orders that are over',
    'TEA-001: 1 left the shelf, but confirmed orders have 2',
  ])
  expect(imbalances({ ...balanced, inventory: [] })).toEqual(['confirmed orders have TEA-001, which inventory does not know'])
})

test('an order on its way is named', () => {
  expect(imbalances({ ...balanced, orders: { ...balanced.orders, open: 1 } })).toEqual(['1 orders are neither confirmed nor cancelled'])
})
