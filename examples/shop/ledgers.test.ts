import { expect, test } from 'vitest'
import { imbalances, type Ledgers } from './ledgers.ts'
import { euros } from './values/money.ts'

/** Of four packets of tea that were ordered one was cancelled, two were sent, one of them came back, and one is still to be sent. */
const balanced: Ledgers = {
  orders: { open: 0, confirmed: 1, shipped: 1, cancelled: 2, total: euros(2500), sold: [{ sku: 'TEA-001', ordered: 4, cancelled: 1, returned: 1 }] },
  received: {
    invoices: { sale: 1, credit: 0, adjustment: 0 },
    lines: 3,
    accepted: 1,
    refused: [
      { reason: 'no price', lines: 1 },
      { reason: 'sold out', lines: 1 },
    ],
    quantity: 9,
    amount: '11.250',
  },
  inventory: [{ sku: 'TEA-001', received: 5, reserved: 5, released: 2, sold: 2, returned: 1, onShelf: { available: 3, reserved: 1 } }],
  shipping: { parcels: 1, delivered: 0, products: [{ sku: 'TEA-001', requested: 4, withdrawn: 1, dispatched: 2 }] },
  payments: { captured: euros(3750), refunded: euros(1250), charges: 2, refunds: 1 },
}
const [tea] = balanced.inventory as [Ledgers['inventory'][number]]
const [sent] = balanced.shipping.products as [Ledgers['shipping']['products'][number]]
const [sold] = balanced.orders.sold as [Ledgers['orders']['sold'][number]]
const withShelf = (shelf: Partial<typeof tea>): Ledgers => ({ ...balanced, inventory: [{ ...tea, ...shelf }] })

test('ledgers that agree are balanced', () => {
  expect(imbalances(balanced)).toEqual([])
})

test('lost or invented money is named', () => {
  expect(imbalances({ ...balanced, payments: { ...balanced.payments, refunded: euros(0) } })).toEqual([
    'payments captured €37.50 and refunded €0.00, but confirmed orders come to €25.00',
  ])
})

test('pieces that the movements do not explain are named', () => {
  expect(imbalances(withShelf({ onShelf: { available: 4, reserved: 1 } }))).toEqual(['TEA-001: 4 are available, but the movements leave 3'])
  expect(imbalances(withShelf({ onShelf: { available: 3, reserved: 0 } }))).toEqual(['TEA-001: 0 are kept, but the movements leave 1'])
})

test('pieces of which the services tell different stories are named', () => {
  expect(imbalances(withShelf({ sold: 1, onShelf: { available: 3, reserved: 2 } }))).toEqual([
    'TEA-001: 2 are kept for orders, but 1 are still to be sent',
    'TEA-001: 1 left the shelf, but 2 were sent',
  ])
  expect(imbalances({ ...balanced, shipping: { ...balanced.shipping, products: [{ ...sent, withdrawn: 0, requested: 3 }] } })).toEqual([
    'TEA-001: confirmed orders have 4, but 3 were to be sent',
    'TEA-001: 1 were cancelled, but 0 were kept back',
  ])
  expect(imbalances({ ...balanced, orders: { ...balanced.orders, sold: [{ ...sold, returned: 0 }] } })).toEqual(['TEA-001: 0 were taken back, but 1 came in'])
  expect(imbalances({ ...balanced, inventory: [] })).toEqual(['orders or shipments have TEA-001, which inventory does not know'])
})

test('a line that was dropped is named', () => {
  expect(imbalances({ ...balanced, received: { ...balanced.received, lines: 4 } })).toEqual(['4 lines were received, but 1 were accepted and 2 refused'])
})

test('an order on its way is named', () => {
  expect(imbalances({ ...balanced, orders: { ...balanced.orders, open: 1 } })).toEqual(['1 orders are neither confirmed nor cancelled'])
})
