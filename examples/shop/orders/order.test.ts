import { given } from 'banyan/testing'
import { describe, expect, test } from 'vitest'
import { euros } from '../values/money.ts'
import { orders } from './contract.ts'
import { Cancelled, Confirmed, order, Paid, Placed, Reserved } from './order.ts'

const prices = { 'TEA-001': euros(1250), 'CUP-002': euros(990) }
const basket = { customerId: 'ada', card: 'tok_ok', placedAt: '2026-03-01T10:00:00.000Z' }
const placed = Placed({ ...basket, lines: [{ sku: 'TEA-001', quantity: 2, price: euros(1250) }], total: euros(2500) })
const confirmed = [placed, Reserved({}), Paid({ chargeId: 'ch_1' }), Confirmed({})]
const byAda = { orderId: 'o1', by: 'ada' }

describe('place', () => {
  test('takes today’s prices', () => {
    given(order)
      .when((d) => d.place({ ...basket, prices, lines: [{ sku: 'TEA-001', quantity: 2 }] }))
      .then([placed])
  })

  test('joins lines of the same product', () => {
    const lines = [
      { sku: 'TEA-001', quantity: 1 },
      { sku: 'CUP-002', quantity: 1 },
      { sku: 'TEA-001', quantity: 2 },
    ]
    given(order)
      .when((d) => d.place({ ...basket, prices, lines }))
      .then([
        Placed({
          ...basket,
          lines: [
            { sku: 'TEA-001', quantity: 3, price: euros(1250) },
            { sku: 'CUP-002', quantity: 1, price: euros(990) },
          ],
          total: euros(4740),
        }),
      ])
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

describe('the way to confirmation', () => {
  test('stock first, then money', () => {
    given(order, [placed])
      .when((d) => d.reserve())
      .then([Reserved({})])
    given(order, [placed, Reserved({})])
      .when((d) => d.pay({ chargeId: 'ch_1' }))
      .then([Paid({ chargeId: 'ch_1' }), Confirmed({})])
    expect(given(order, confirmed).state.status).toBe('confirmed')
  })

  test('hearing it again changes nothing', () => {
    given(order, [placed, Reserved({})])
      .when((d) => d.reserve())
      .thenNothing()
    given(order, confirmed)
      .when((d) => d.reserve())
      .thenNothing()
    given(order, confirmed)
      .when((d) => d.pay({ chargeId: 'ch_1' }))
      .thenNothing()
  })

  test('a cancelled order goes no further', () => {
    const cancelled = [placed, Cancelled({ reason: 'by the customer' })]
    given(order, cancelled)
      .when((d) => d.reserve())
      .thenNothing()
    given(order, cancelled)
      .when((d) => d.pay({ chargeId: 'ch_1' }))
      .thenNothing()
  })
})

describe('reject', () => {
  test('when sold out or not paid', () => {
    given(order, [placed])
      .when((d) => d.reject({ reason: 'sold out' }))
      .then([Cancelled({ reason: 'sold out' })])
    given(order, [placed, Reserved({})])
      .when((d) => d.reject({ reason: 'declined' }))
      .then([Cancelled({ reason: 'declined' })])
  })

  test('once, and never after confirmation', () => {
    given(order, [placed, Cancelled({ reason: 'sold out' })])
      .when((d) => d.reject({ reason: 'sold out' }))
      .thenNothing()
    given(order, confirmed)
      .when((d) => d.reject({ reason: 'declined' }))
      .thenNothing()
  })
})

describe('cancel', () => {
  test('by its customer, until it is paid', () => {
    given(order, [placed])
      .when((d) => d.cancel(byAda))
      .then([Cancelled({ reason: 'by the customer' })])
    given(order, [placed, Reserved({})])
      .when((d) => d.cancel(byAda))
      .then([Cancelled({ reason: 'by the customer' })])
    given(order, confirmed)
      .when((d) => d.cancel(byAda))
      .thenRefused(orders.cancel.errors.TooLate, { status: 'confirmed' })
  })

  test('by nobody else, in any state', () => {
    for (const history of [[placed], confirmed, [placed, Cancelled({ reason: 'sold out' })]]) {
      given(order, history)
        .when((d) => d.cancel({ orderId: 'o1', by: 'bo' }))
        .thenRefused(orders.cancel.errors.NotYours)
    }
  })

  test('twice is once, whatever ended it first', () => {
    given(order, [placed, Cancelled({ reason: 'by the customer' })])
      .when((d) => d.cancel(byAda))
      .thenNothing()
    given(order, [placed, Cancelled({ reason: 'sold out' })])
      .when((d) => d.cancel(byAda))
      .thenNothing()
  })

  test('needs an order', () => {
    given(order)
      .when((d) => d.cancel(byAda))
      .thenRefused(orders.cancel.errors.NotFound, { orderId: 'o1' })
  })
})
