import { given } from 'banyan/testing'
import { describe, test } from 'vitest'
import { Declined, order, Paid, Placed } from './order.ts'

const lines = [{ sku: 'TEA', quantity: 2, price: 450 }]
const placed = Placed({ customerId: 'ada', lines, total: 900 })

describe('an order', () => {
  test('is placed, once', () => {
    given(order)
      .when((d) => d.place({ customerId: 'ada', lines }))
      .then([placed])
    given(order, [placed])
      .when((d) => d.place({ customerId: 'ada', lines }))
      .thenNothing()
  })

  test('is paid or declined, once', () => {
    given(order, [placed])
      .when((d) => d.pay())
      .then([Paid({})])
    given(order, [placed, Paid({})])
      .when((d) => d.decline({ reason: 'too late' }))
      .thenNothing()
    given(order, [placed, Declined({ reason: 'no money' })])
      .when((d) => d.pay())
      .thenNothing()
  })
})
