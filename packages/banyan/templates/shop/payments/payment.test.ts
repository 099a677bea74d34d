import { given } from 'banyan/testing'
import { test } from 'vitest'
import { Captured, Declined, LIMIT, payment } from './payment.ts'

test('a payment is captured up to the limit, and declined beyond it', () => {
  given(payment)
    .when((d) => d.charge({ amount: LIMIT }))
    .then([Captured({ amount: LIMIT })])
  given(payment)
    .when((d) => d.charge({ amount: LIMIT + 1 }))
    .then([Declined({ reason: '100001 is more than 100000' })])
})

test('an order is charged once', () => {
  given(payment, [Captured({ amount: 900 })])
    .when((d) => d.charge({ amount: 900 }))
    .thenNothing()
})
