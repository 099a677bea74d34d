import { inventory } from '../inventory/contract.ts'
import { payments } from '../payments/contract.ts'
import { order } from './order.ts'
import { on } from './parts.ts'

/** What an order does about what other services say. Each may be heard again, or too late; then the order decides nothing. */
export const fulfilment = [
  on(inventory.Reserved, ({ orderId }, { transact }) =>
    transact(async (tx) => {
      const { state } = await tx.load(order, orderId)
      if (state.status !== 'placed') return
      await tx.decide(order, orderId).reserve()
      tx.send.payments.charge({ orderId, customerId: state.customerId, amount: state.total, card: state.card })
    }),
  ),

  on(inventory.SoldOut, ({ orderId }, { transact }) => transact((tx) => tx.decide(order, orderId).reject({ reason: 'sold out' }))),

  // the order decides whether it was paid in time, so that goods are never both confirmed and given to somebody else
  on(inventory.Expired, ({ orderId }, { transact }) => transact((tx) => tx.decide(order, orderId).reject({ reason: 'expired' }))),

  on(payments.Captured, ({ orderId, chargeId, amount }, { transact }) =>
    transact(async (tx) => {
      const { state } = await tx.load(order, orderId)
      // cancelled while the card was being charged; one that was cancelled after it was paid has paid back what was withdrawn
      if (state.status === 'cancelled' && !state.paid) tx.send.payments.refund({ orderId, refundId: 'cancelled', amount })
      else await tx.decide(order, orderId).pay({ chargeId })
    }),
  ),

  on(payments.Declined, ({ orderId }, { transact }) => transact((tx) => tx.decide(order, orderId).reject({ reason: 'declined' }))),
]
