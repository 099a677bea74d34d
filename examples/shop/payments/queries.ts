import { euros } from '../values/money.ts'
import { payments } from './contract.ts'
import { handler } from './parts.ts'
import { payment, refundedOf } from './payment.ts'

/** From the log itself, so the answer is never behind. */
export const byId = handler(payments.byId, async ({ orderId }, { load }) => {
  const { state } = await load(payment, orderId)
  if (state.status === 'none') throw payments.byId.errors.NotFound({ orderId })
  const { customerId, amount, status } = state
  const refunded = refundedOf(state)
  return { orderId, customerId, amount, refunded, status: refunded.amount === amount.amount ? 'refunded' : status }
})

export const ledger = handler(payments.ledger, async (_input, { db }) => {
  const sums = await db
    .selectFrom('payment_ledger')
    .select(({ fn }) => ['kind', fn.countAll().as('count'), fn.sum('cents').as('cents')])
    .groupBy('kind')
    .execute()
  const [captured, refunded] = (['captured', 'refunded'] as const).map((kind) => sums.find((sum) => sum.kind === kind))
  return {
    captured: euros(Number(captured?.cents ?? 0)),
    refunded: euros(Number(refunded?.cents ?? 0)),
    charges: Number(captured?.count ?? 0),
    refunds: Number(refunded?.count ?? 0),
  }
})
