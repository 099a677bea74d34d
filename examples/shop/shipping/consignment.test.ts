import { given } from 'banyan/testing'
import { describe, expect, test } from 'vitest'
import { consignment, Delivered, Dispatched, Requested, TooLate, Withdrawn } from './consignment.ts'
import { shipping } from './contract.ts'

const tea = (quantity: number) => ({ sku: 'TEA-001', quantity })
const cup = (quantity: number) => ({ sku: 'CUP-002', quantity })
const order = { customerId: 'ada', country: 'Ireland', items: [tea(5), cup(1)], ship: 'at once' } as const
const requested = Requested({ ...order, items: [...order.items] })
const sending = { orderId: 'o1', tracking: 't1', at: '2026-03-01T10:00:00.000Z' }
const dispatched = (parcel: number, ...items: { sku: string; quantity: number }[]) =>
  Dispatched({ customerId: 'ada', parcel, tracking: 't1', at: sending.at, items })

test('is asked for once', () => {
  given(consignment)
    .when((d) => d.request({ ...order, items: [...order.items] }))
    .then([requested])
  given(consignment, [requested])
    .when((d) => d.request({ ...order, items: [...order.items] }))
    .thenNothing()
})

describe('sending', () => {
  test('all that is left, or a part', () => {
    given(consignment, [requested])
      .when((d) => d.dispatch({ ...sending, items: [tea(2), tea(1)] }))
      .then([dispatched(1, tea(3))])
    given(consignment, [requested, dispatched(1, tea(3))])
      .when((d) => d.dispatch({ ...sending, items: undefined }))
      .then([dispatched(2, tea(2), cup(1))])
  })

  test('packing sends what is left, if anything is', () => {
    given(consignment, [requested, Withdrawn({ request: 'r1', items: [cup(1)] })])
      .when((d) => d.pack(sending))
      .then([dispatched(1, tea(5))])
    given(consignment, [requested, dispatched(1, tea(5), cup(1))])
      .when((d) => d.pack(sending))
      .thenNothing()
  })

  test('no more than is left', () => {
    given(consignment, [requested, dispatched(1, tea(3))])
      .when((d) => d.dispatch({ ...sending, items: [tea(3)] }))
      .thenRefused(shipping.dispatch.errors.TooMany, { sku: 'TEA-001', possible: 2 })
    given(consignment, [requested, dispatched(1, tea(5), cup(1))])
      .when((d) => d.dispatch({ ...sending, items: undefined }))
      .thenRefused(shipping.dispatch.errors.NothingToSend, { orderId: 'o1' })
    given(consignment)
      .when((d) => d.dispatch({ ...sending, items: undefined }))
      .thenRefused(shipping.dispatch.errors.NotFound, { orderId: 'o1' })
  })
})

describe('keeping back', () => {
  const all = { request: 'r1', items: [tea(4)], partly: false }

  test('what has not left, once', () => {
    given(consignment, [requested])
      .when((d) => d.withdraw(all))
      .then([Withdrawn({ request: 'r1', items: [tea(4)] })])
    given(consignment, [requested, Withdrawn({ request: 'r1', items: [tea(4)] })])
      .when((d) => d.withdraw(all))
      .thenNothing()
  })

  test('is too late where a piece has left', () => {
    given(consignment, [requested, dispatched(1, tea(3))])
      .when((d) => d.withdraw(all))
      .then([TooLate({ request: 'r1' })])
    given(consignment, [requested, dispatched(1, tea(3)), TooLate({ request: 'r1' })])
      .when((d) => d.withdraw(all))
      .thenNothing()
  })

  test('partly keeps back what it can', () => {
    given(consignment, [requested, dispatched(1, tea(3))])
      .when((d) => d.withdraw({ ...all, items: [tea(4), cup(1)], partly: true }))
      .then([Withdrawn({ request: 'r1', items: [tea(2), cup(1)] })])
    given(consignment, [requested, dispatched(1, tea(5))])
      .when((d) => d.withdraw({ ...all, partly: true }))
      .then([TooLate({ request: 'r1' })])
  })

  test('before anybody has asked for it', () => {
    given(consignment)
      .when((d) => d.withdraw(all))
      .then([Withdrawn({ request: 'r1', items: [tea(4)] })])
    given(consignment, [Withdrawn({ request: 'r1', items: [tea(4)] }), requested])
      .when((d) => d.pack(sending))
      .then([dispatched(1, tea(1), cup(1))])
  })
})

test('a parcel is delivered once', () => {
  const at = '2026-03-03T09:00:00.000Z'
  const delivered = Delivered({ customerId: 'ada', parcel: 1, at })
  given(consignment, [requested, dispatched(1, tea(5))])
    .when((d) => d.deliver({ orderId: 'o1', parcel: 1, at }))
    .then([delivered])
  given(consignment, [requested, dispatched(1, tea(5)), delivered])
    .when((d) => d.deliver({ orderId: 'o1', parcel: 1, at }))
    .thenNothing()
  given(consignment, [requested, dispatched(1, tea(5))])
    .when((d) => d.deliver({ orderId: 'o1', parcel: 2, at }))
    .thenRefused(shipping.delivered.errors.NotFound, { orderId: 'o1' })
  expect(given(consignment, [requested, dispatched(1, tea(5)), delivered]).state.parcels).toMatchObject([{ parcel: 1, deliveredAt: at }])
})
