import { payments } from './contract.ts'
import { handler, provider } from './parts.ts'
import { isOwed, payment } from './payment.ts'

/** Pays back, then writes it down; repeated under the same key, so the money goes back once. */
export const refund = handler(payments.refund, async (owed, { load, transact }) => {
  const { orderId, refundId, amount } = owed
  const { state } = await load(payment, orderId)
  if (!isOwed(state, owed)) return
  const { refundId: reference } = await provider.refund({ key: `${orderId}/${refundId}`, chargeId: state.chargeId, amount })
  await transact((tx) => tx.decide(payment, orderId).refund({ ...owed, reference }))
})
