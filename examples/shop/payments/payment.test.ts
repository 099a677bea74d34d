import { given } from 'banyan/testing'
import { expect, test } from 'vitest'
import { euros } from '../values/money.ts'
import { payments, type Answer } from './contract.ts'
import { Captured, Declined, payment, Refunded, refundedOf, Requested } from './payment.ts'

const request = { customerId: 'ada', amount: euros(1990), card: 'tok_ok' }
const yes: Answer = { outcome: 'captured', chargeId: 'ch_1', reason: '' }
const no: Answer = { outcome: 'declined', chargeId: 'ch_1', reason: 'no funds' }
const requested = Requested(request)
const captured = Captured({ chargeId: 'ch_1', amount: euros(1990) })
const refunded = Refunded({ refundId: 'r1', reference: 're_1', amount: euros(1990) })
const part = { orderId: 'o1', refundId: 'r1', reference: 're_1', amount: euros(500) }

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

test('is paid back in parts, each once', () => {
  const refundedPart = Refunded({ refundId: 'r1', reference: 're_1', amount: euros(500) })
  given(payment, [requested, captured])
    .when((d) => d.refund(part))
    .then([refundedPart])
  given(payment, [requested, captured, refundedPart])
    .when((d) => d.refund(part))
    .thenNothing()
  given(payment, [requested, captured, refundedPart])
    .when((d) => d.refund({ ...part, refundId: 'r2' }))
    .then([Refunded({ refundId: 'r2', reference: 're_1', amount: euros(500) })])
})

test('no more is paid back than was captured', () => {
  given(payment, [requested, captured, refunded])
    .when((d) => d.refund({ ...part, refundId: 'r2', amount: euros(1) }))
    .thenRefused(payments.refund.errors.MoreThanCaptured, { orderId: 'o1', left: euros(0) })
  for (const history of [[], [requested], [requested, Declined({ reason: 'no funds' })]])
    given(payment, history)
      .when((d) => d.refund(part))
      .thenRefused(payments.refund.errors.MoreThanCaptured, { orderId: 'o1', left: euros(0) })
})

test('keeps who pays, and how much', () => {
  const { state } = given(payment, [requested, captured, refunded])
  expect(state).toMatchObject({ status: 'captured', customerId: 'ada', amount: euros(1990), chargeId: 'ch_1' })
  expect(refundedOf(state)).toEqual(euros(1990))
})
