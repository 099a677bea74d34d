import { expect, test } from 'vitest'
import { euros } from '../values/money.ts'
import { isBalanced } from '../terminal/balance.ts'
import { audit, type Books } from './audit.ts'
import { ClientBook, type ClientOrder } from './client-book.ts'

const bought: ClientOrder = {
  key: 'ada/1',
  customer: 'ada',
  lines: [{ sku: 'TEA-001', quantity: 2 }],
  card: 'tok_ok',
  cents: 2500,
  placed: { answer: 'accepted', orderId: 'o1' },
  cancel: 'no',
}

/** Books of a shop that sold two packets of tea. */
function books({ orders = [bought], ...changes }: Partial<Books> & { orders?: ClientOrder[] } = {}): Books {
  const client = new ClientBook()
  client.orders.push(...orders)
  const shelf = { sku: 'TEA-001', received: 5, reserved: 2, released: 0, sold: 2, returned: 0, onShelf: { available: 3, reserved: 0 } }
  return {
    client,
    provider: { charged: new Map([['o1', 2500]]), refunded: new Map(), requests: 1, contradictions: [] },
    ledgers: {
      orders: { open: 0, confirmed: 0, shipped: 1, cancelled: 0, total: euros(2500), sold: [{ sku: 'TEA-001', ordered: 2, cancelled: 0, returned: 0 }] },
      received: { invoices: { sale: 0, credit: 0, adjustment: 0 }, lines: 0, accepted: 0, refused: [], quantity: 0, amount: '0.000' },
      shipping: { parcels: 1, delivered: 0, products: [{ sku: 'TEA-001', requested: 2, withdrawn: 0, dispatched: 2 }] },
      inventory: [shelf],
      payments: { captured: euros(2500), refunded: euros(0), charges: 1, refunds: 0 },
    },
    shown: [{ orderId: 'o1', status: 'shipped', reason: null, total: euros(2500) }],
    ...changes,
  }
}

const faults = (of: Books) => audit(of).flatMap((balance) => balance.faults)

test('books that agree', () => {
  expect(isBalanced(audit(books()))).toBe(true)
})

test('an order that was never answered, one that got lost, and one that nobody placed', () => {
  expect(faults(books({ orders: [bought, { ...bought, key: 'bo/1', placed: { answer: 'unknown' } }] }))).toContain('bo/1 has no answer')
  expect(faults(books({ orders: [bought, { ...bought, key: 'bo/1', placed: { answer: 'accepted', orderId: 'o2' } }] }))).toContain(
    'bo/1 was accepted as o2, which the shop does not have',
  )
  expect(faults(books({ orders: [] }))).toContain('o1 was ordered by nobody')
})

test('two keys for one order', () => {
  expect(faults(books({ orders: [bought, { ...bought, key: 'ada/2' }] }))).toContain('two keys were answered with the same order')
})

test('a cancellation that was promised and not kept', () => {
  expect(faults(books({ orders: [{ ...bought, cancel: 'cancelled' }] }))).toEqual(['o1 ended otherwise than its customer was told'])
})

test('a parcel that nobody knows of', () => {
  const { ledgers } = books()
  const more = { ...ledgers, shipping: { parcels: 2, delivered: 0, products: [{ sku: 'TEA-001', requested: 2, withdrawn: 0, dispatched: 4 }] } }
  expect(faults(books({ ledgers: more }))).toContain('2 left the shelves and 4 the house')
})

test('a card that was charged twice, and money that is missing', () => {
  const twice = {
    charged: new Map([
      ['o1', 2500],
      ['o2', 2500],
    ]),
    refunded: new Map(),
    requests: 2,
    contradictions: [],
  }
  expect(faults(books({ provider: twice }))).toEqual(['the provider took €50.00'])
  const { ledgers } = books()
  const short = { ...ledgers, payments: { ...ledgers.payments, captured: euros(2400) } }
  expect(faults(books({ ledgers: short }))).toContain('that is -€1.00 more than was ordered')
})
