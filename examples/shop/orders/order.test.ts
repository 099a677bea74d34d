import { given } from 'banyan/testing'
import { describe, expect, test } from 'vitest'
import { euros } from '../values/money.ts'
import { orders } from './contract.ts'
import { order } from './order.ts'
import { Cancelled, Confirmed, ItemsCancelled, Placed, Reserved, Shipped, WithdrawalAsked } from './order-events.ts'

const prices = { 'TEA-001': euros(1250), 'CUP-002': euros(990) }
const basket = { customerId: 'ada', country: 'Ireland', card: 'tok_ok', placedAt: '2026-03-01T10:00:00.000Z' }
const placed = Placed({
  ...basket,
  lines: [{ line: 1, sku: 'TEA-001', quantity: 2, price: euros(1250) }],
  total: euros(2500),
  ship: 'at once',
  invoice: null,
})
const items = [{ sku: 'TEA-001', quantity: 2 }]
const confirmation = Confirmed({ chargeId: 'ch_1', customerId: 'ada', country: 'Ireland', items, ship: 'at once' })
const confirmed = [placed, Reserved({}), confirmation]
const shipped = [...confirmed, Shipped({ parcel: 1, items })]
const cancelled = Cancelled({ customerId: 'ada', reason: 'by the customer' })
const soldOut = Cancelled({ customerId: 'ada', reason: 'sold out' })
const byAda = { orderId: 'o1', by: 'ada', request: 'r1' }

describe('place', () => {
  test('takes today’s prices', () => {
    given(order)
      .when((d) => d.place({ ...basket, prices, lines: items }))
      .then([placed])
  })

  test('joins lines of the same product', () => {
    const lines = [
      { sku: 'TEA-001', quantity: 1 },
      { sku: 'CUP-002', quantity: 1 },
      { sku: 'TEA-001', quantity: 2 },
    ]
    const joined = [
      { line: 1, sku: 'TEA-001', quantity: 3, price: euros(1250) },
      { line: 2, sku: 'CUP-002', quantity: 1, price: euros(990) },
    ]
    given(order)
      .when((d) => d.place({ ...basket, prices, lines }))
      .then([Placed({ ...basket, ship: 'at once', invoice: null, lines: joined, total: euros(4740) })])
  })

  test('refuses a product that has no price', () => {
    given(order)
      .when((d) => d.place({ ...basket, prices, lines: [{ sku: 'HAT-404', quantity: 1 }] }))
      .thenRefused(orders.place.errors.UnknownProduct, { sku: 'HAT-404' })
  })

  test('happens once', () => {
    given(order, [placed])
      .when((d) => d.place({ ...basket, prices, lines: [{ sku: 'CUP-002', quantity: 1 }] }))
      .thenNothing()
  })
})

test('an invoice is entered as it is, with as many lines for a product as it has', () => {
  const lines = [
    { line: 3, sku: 'TEA-001', quantity: 3, price: euros(1000) },
    { line: 7, sku: 'TEA-001', quantity: 1, price: euros(1100) },
  ]
  const entered = { ...basket, ship: 'held', invoice: '536365', lines } as const
  given(order)
    .when((d) => d.enter({ ...entered, lines: [...lines] }))
    .then([Placed({ ...entered, lines: [...lines], total: euros(4100) })])
})

describe('the way to the customer', () => {
  test('stock first, then money, then parcels', () => {
    given(order, [placed])
      .when((d) => d.reserve())
      .then([Reserved({})])
    given(order, [placed, Reserved({})])
      .when((d) => d.pay({ chargeId: 'ch_1' }))
      .then([confirmation])
    given(order, confirmed)
      .when((d) => d.ship({ parcel: 1, items }))
      .then([Shipped({ parcel: 1, items })])
    expect(given(order, confirmed).state.status).toBe('confirmed')
    expect(given(order, [...confirmed, Shipped({ parcel: 1, items: [{ sku: 'TEA-001', quantity: 1 }] })]).state.status).toBe('confirmed')
    expect(given(order, shipped).state.status).toBe('shipped')
  })

  test('hearing it again changes nothing', () => {
    for (const history of [[placed, Reserved({})], confirmed, shipped])
      given(order, history)
        .when((d) => d.reserve())
        .thenNothing()
    for (const history of [confirmed, shipped])
      given(order, history)
        .when((d) => d.pay({ chargeId: 'ch_1' }))
        .thenNothing()
    given(order, shipped)
      .when((d) => d.ship({ parcel: 1, items }))
      .thenNothing()
  })

  test('a cancelled order goes no further', () => {
    given(order, [placed, cancelled])
      .when((d) => d.reserve())
      .thenNothing()
    given(order, [placed, cancelled])
      .when((d) => d.pay({ chargeId: 'ch_1' }))
      .thenNothing()
  })
})

describe('reject', () => {
  test('when sold out, not paid or not paid in time', () => {
    given(order, [placed])
      .when((d) => d.reject({ reason: 'sold out' }))
      .then([soldOut])
    for (const reason of ['declined', 'expired'] as const)
      given(order, [placed, Reserved({})])
        .when((d) => d.reject({ reason }))
        .then([Cancelled({ customerId: 'ada', reason })])
  })

  test('once, and never after confirmation', () => {
    for (const history of [[placed, soldOut], confirmed, shipped])
      given(order, history)
        .when((d) => d.reject({ reason: 'expired' }))
        .thenNothing()
  })
})

describe('cancel', () => {
  test('by its customer, at once until it is paid', () => {
    for (const history of [[placed], [placed, Reserved({})]])
      given(order, history)
        .when((d) => d.cancel(byAda))
        .then([cancelled])
  })

  test('asks for what has not left once it is paid', () => {
    const asked = WithdrawalAsked({ request: 'r1', shares: [{ line: 1, sku: 'TEA-001', quantity: 2 }], otherwise: 'some stay' })
    given(order, confirmed)
      .when((d) => d.cancel(byAda))
      .then([asked])
    given(order, [...confirmed, asked])
      .when((d) => d.cancel({ ...byAda, request: 'r2' }))
      .thenNothing()
    given(order, shipped)
      .when((d) => d.cancel(byAda))
      .thenRefused(orders.cancel.errors.TooLate, { status: 'shipped' })
  })

  test('by nobody else, in any state', () => {
    for (const history of [[placed], confirmed, shipped, [placed, soldOut]])
      given(order, history)
        .when((d) => d.cancel({ ...byAda, by: 'bo' }))
        .thenRefused(orders.cancel.errors.NotYours)
  })

  test('twice is once, whatever ended it first', () => {
    const asked = WithdrawalAsked({ request: 'r1', shares: [{ line: 1, sku: 'TEA-001', quantity: 2 }], otherwise: 'some stay' })
    const withdrawn = ItemsCancelled({ request: 'r1', shares: [{ line: 1, sku: 'TEA-001', quantity: 2 }], refund: euros(2500) })
    for (const history of [
      [placed, cancelled],
      [placed, soldOut],
      [...confirmed, asked, withdrawn],
    ])
      given(order, history)
        .when((d) => d.cancel(byAda))
        .thenNothing()
  })

  test('needs an order', () => {
    given(order)
      .when((d) => d.cancel(byAda))
      .thenRefused(orders.cancel.errors.NotFound, { orderId: 'o1' })
  })
})
