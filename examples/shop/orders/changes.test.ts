import { given } from 'banyan/testing'
import { describe, expect, test } from 'vitest'
import { euros } from '../values/money.ts'
import { creditOfShipped } from './changes.ts'
import { orders } from './contract.ts'
import { order } from './order.ts'
import { Confirmed, ItemsCancelled, ItemsReturned, Placed, Reserved, Shipped, WithdrawalAsked, WithdrawalRefused } from './order-events.ts'
import { refundsOf } from './order-state.ts'

/** Five packets of tea at two prices, and a cup; paid for. */
const lines = [
  { line: 1, sku: 'TEA-001', quantity: 3, price: euros(1000) },
  { line: 2, sku: 'CUP-002', quantity: 1, price: euros(900) },
  { line: 3, sku: 'TEA-001', quantity: 2, price: euros(1100) },
]
const basket = { customerId: 'ada', country: 'Ireland', card: 'tok_ok', placedAt: '2026-03-01T10:00:00.000Z', ship: 'at once', invoice: null } as const
const tea = (quantity: number) => ({ sku: 'TEA-001', quantity })
const cup = { sku: 'CUP-002', quantity: 1 }
const confirmed = [
  Placed({ ...basket, lines, total: euros(6100) }),
  Reserved({}),
  Confirmed({ chargeId: 'ch_1', customerId: 'ada', country: 'Ireland', items: [tea(5), cup], ship: 'at once' }),
]
const threeLeft = [...confirmed, Shipped({ parcel: 1, items: [tea(3)] })]
const allLeft = [...confirmed, Shipped({ parcel: 1, items: [tea(5), cup] })]
const request = 'r1'
const by = { orderId: 'o1', by: 'ada', request }
const share = (line: number, quantity: number) => ({ line, sku: line === 2 ? 'CUP-002' : 'TEA-001', quantity })

describe('cancelling items', () => {
  test('asks for them, the first lines first', () => {
    given(order, confirmed)
      .when((d) => d.cancelItems({ ...by, items: [tea(4)] }))
      .then([WithdrawalAsked({ request, shares: [share(1, 3), share(3, 1)], otherwise: 'all stay' })])
  })

  test('needs an order that is paid for, and pieces that have not left', () => {
    given(order, confirmed.slice(0, 2))
      .when((d) => d.cancelItems({ ...by, items: [tea(1)] }))
      .thenRefused(orders.cancelItems.errors.NotConfirmed, { status: 'reserved' })
    given(order, threeLeft)
      .when((d) => d.cancelItems({ ...by, items: [tea(2), tea(1)] }))
      .thenRefused(orders.cancelItems.errors.TooMany, { sku: 'TEA-001', possible: 2 })
    given(order, threeLeft)
      .when((d) => d.cancelItems({ ...by, by: 'bo', items: [cup] }))
      .thenRefused(orders.cancelItems.errors.NotYours)
  })

  test('what was asked for cannot be asked for again', () => {
    given(order, [...confirmed, WithdrawalAsked({ request, shares: [share(1, 3), share(3, 1)], otherwise: 'all stay' })])
      .when((d) => d.cancelItems({ ...by, request: 'r2', items: [tea(2)] }))
      .thenRefused(orders.cancelItems.errors.TooMany, { sku: 'TEA-001', possible: 1 })
  })
})

describe('the answer to a withdrawal', () => {
  const asked = (otherwise: 'all stay' | 'some stay' | 'returned') => WithdrawalAsked({ request, shares: [share(1, 3), share(3, 1)], otherwise })

  test('all of it is cancelled, and paid back at its prices', () => {
    const cancelled = ItemsCancelled({ request, shares: [share(1, 3), share(3, 1)], refund: euros(4100) })
    given(order, [...confirmed, asked('all stay')])
      .when((d) => d.answer({ request, items: [tea(4)] }))
      .then([cancelled])
    expect(refundsOf(given(order, [...confirmed, asked('all stay'), cancelled]).state, request)).toEqual([{ refundId: 'r1', amount: euros(4100) }])
  })

  test('what had left stays the customer’s', () => {
    given(order, [...threeLeft, asked('all stay')])
      .when((d) => d.answer({ request, items: [] }))
      .then([WithdrawalRefused({ request, shares: [share(1, 3), share(3, 1)] })])
    given(order, [...threeLeft, asked('some stay')])
      .when((d) => d.answer({ request, items: [tea(2)] }))
      .then([ItemsCancelled({ request, shares: [share(1, 2)], refund: euros(2000) }), WithdrawalRefused({ request, shares: [share(1, 1), share(3, 1)] })])
  })

  test('or counts as returned, where a credit says that it came back', () => {
    const returned = ItemsReturned({ request, shares: [share(1, 1), share(3, 1)], refund: euros(2100), reason: request, asked: true })
    const cancelled = ItemsCancelled({ request, shares: [share(1, 2)], refund: euros(2000) })
    given(order, [...threeLeft, asked('returned')])
      .when((d) => d.answer({ request, items: [tea(2)] }))
      .then([cancelled, returned])
    expect(refundsOf(given(order, [...threeLeft, asked('returned'), cancelled, returned]).state, request)).toEqual([
      { refundId: 'r1', amount: euros(2000) },
      { refundId: 'r1 returned', amount: euros(2100) },
    ])
  })

  test('is heard once', () => {
    const refused = WithdrawalRefused({ request, shares: [share(1, 3), share(3, 1)] })
    given(order, [...threeLeft, asked('all stay'), refused])
      .when((d) => d.answer({ request, items: [] }))
      .thenNothing()
    given(order, [...threeLeft, asked('all stay'), refused])
      .when((d) => d.cancelItems({ ...by, request: 'r2', items: [tea(2)] }))
      .then([WithdrawalAsked({ request: 'r2', shares: [share(1, 2)], otherwise: 'all stay' })])
  })
})

describe('an order of which nothing is left to send', () => {
  const all = [share(1, 3), share(2, 1), share(3, 2)]
  test('is cancelled if nothing was sent, and shipped otherwise', () => {
    const asked = WithdrawalAsked({ request, shares: all, otherwise: 'some stay' })
    expect(given(order, [...confirmed, asked, ItemsCancelled({ request, shares: all, refund: euros(6100) })]).state).toMatchObject({
      status: 'cancelled',
      reason: 'by the customer',
    })
    const rest = [share(1, 2), share(2, 1)]
    const partly = [
      ...threeLeft,
      WithdrawalAsked({ request, shares: rest, otherwise: 'some stay' }),
      ItemsCancelled({ request, shares: rest, refund: euros(2900) }),
    ]
    expect(given(order, partly).state).toMatchObject({ status: 'shipped', reason: null })
  })
})

describe('returning items', () => {
  const damaged = { ...by, reason: 'damaged' }

  test('pays back what they cost', () => {
    given(order, allLeft)
      .when((d) => d.returnItems({ ...damaged, items: [tea(4)] }))
      .then([ItemsReturned({ request, shares: [share(1, 3), share(3, 1)], refund: euros(4100), reason: 'damaged', asked: false })])
  })

  test('no more than has left, and not twice', () => {
    given(order, threeLeft)
      .when((d) => d.returnItems({ ...damaged, items: [tea(4)] }))
      .thenRefused(orders.returnItems.errors.TooMany, { sku: 'TEA-001', possible: 3 })
    given(order, [...threeLeft, ItemsReturned({ request, shares: [share(1, 3)], refund: euros(3000), reason: '', asked: false })])
      .when((d) => d.returnItems({ ...damaged, request: 'r2', items: [tea(1)] }))
      .thenRefused(orders.returnItems.errors.TooMany, { sku: 'TEA-001', possible: 0 })
  })

  test('by the customer or the staff', () => {
    given(order, allLeft)
      .when((d) => d.returnItems({ ...damaged, by: 'bo', items: [cup] }))
      .thenRefused(orders.returnItems.errors.NotYours)
    given(order, allLeft)
      .when((d) => d.returnItems({ ...damaged, by: null, items: [cup] }))
      .then([ItemsReturned({ request, shares: [share(2, 1)], refund: euros(900), reason: 'damaged', asked: false })])
  })
})

describe('a credit', () => {
  test('asks for what has not left, and takes back what has', () => {
    given(order, threeLeft)
      .when((d) => d.credit({ request, items: [tea(4)] }))
      .then([
        WithdrawalAsked({ request, shares: [share(1, 2)], otherwise: 'returned' }),
        ItemsReturned({ request: creditOfShipped(request), shares: [share(1, 1), share(3, 1)], refund: euros(2100), reason: request, asked: false }),
      ])
    given(order, allLeft)
      .when((d) => d.credit({ request, items: [cup] }))
      .then([ItemsReturned({ request: creditOfShipped(request), shares: [share(2, 1)], refund: euros(900), reason: request, asked: false })])
  })

  test('cannot be for more than is left', () => {
    given(order, confirmed)
      .when((d) => d.credit({ request, items: [tea(6)] }))
      .thenThrows(/6 pieces were to be credited and 5 are left/)
  })
})
