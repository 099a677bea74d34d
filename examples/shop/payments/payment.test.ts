import { given } from 'banyan/testing'
import { expect, test } from 'vitest'
import { euros } from '../values/money.ts'
import { payments, type Answer } from './contract.ts'
import { Captured, Declined, payment, Refunded, Requested } from './payment.ts'

const request = { customerId: 'ada', amount: euros(1990), card: 'tok_ok' }
const yes: Answer = { outcome: 'captured', chargeId: 'ch_1', reason: '' }
const no: Answer = { outcome: 'declined', chargeId: 'ch_1', reason: 'no funds' }
const requested = Requested(request)
const captured = Captured({ chargeId: 'ch_1', amount: euros(1990) })
const refunded = Refunded({ refundId: 're_1', amount: euros(1990) })

test('is asked for once', () => {
  given(payment)
    .when((d) => d.request(request))
    .then([requested])
  given(payment, [requested])
    .when((d) => d.request(request))
    .thenNothing()
  given(payment, [requested, captured, refunded])
    .when((d) => d.request(request))
    .thenNothing()
})

test('takes the first answer', () => {
  given(payment, [requested])
    .when((d) => d.settle({ orderId: 'o1', answer: yes }))
    .then([captured])
  given(payment, [requested])
    .when((d) => d.settle({ orderId: 'o1', answer: no }))
    .then([Declined({ reason: 'no funds' })])
})

test('a second answer is harmless, whatever it says', () => {
  for (const answer of [yes, no]) {
    given(payment, [requested, captured])
      .when((d) => d.settle({ orderId: 'o1', answer }))
      .thenNothing()
    given(payment, [requested, captured, refunded])
      .when((d) => d.settle({ orderId: 'o1', answer }))
      .thenNothing()
    given(payment, [requested, Declined({ reason: 'no funds' })])
      .when((d) => d.settle({ orderId: 'o1', answer }))
      .thenNothing()
  }
})

test('an answer to nothing is refused', () => {
  given(payment)
    .when((d) => d.settle({ orderId: 'o1', answer: yes }))
    .thenRefused(payments.settled.errors.UnknownPayment, { orderId: 'o1' })
})

test('is paid back once, and only what was captured', () => {
  given(payment, [requested, captured])
    .when((d) => d.refund({ refundId: 're_1' }))
    .then([refunded])
  given(payment, [requested, captured, refunded])
    .when((d) => d.refund({ refundId: 're_1' }))
    .thenNothing()
  given(payment, [requested])
    .when((d) => d.refund({ refundId: 're_1' }))
    .thenNothing()
  given(payment, [requested, Declined({ reason: 'no funds' })])
    .when((d) => d.refund({ refundId: 're_1' }))
    .thenNothing()
})

test('keeps who pays, and how much', () => {
  expect(given(payment, [requested, captured, refunded]).state).toMatchObject({ status: 'refunded', customerId: 'ada', amount: euros(1990), chargeId: 'ch_1' })
})
