import { payments } from './contract.ts'
import { handler, provider } from './parts.ts'
import { payment } from './payment.ts'

/** Pays back, then writes it down; repeated under the same key, so the money goes back once. */
export const refund = handler(payments.refund, async ({ orderId }, { load, transact }) => {
  const { state } = await load(payment, orderId)
  if (state.status === 'refunded') return
  if (state.status !== 'captured') throw payments.refund.errors.NothingToRefund({ orderId })
  const { refundId } = await provider.refund({ key: orderId, chargeId: state.chargeId, amount: state.amount })
  await transact((tx) => tx.decide(payment, orderId).refund({ refundId }))
})
