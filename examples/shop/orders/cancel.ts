import { orders } from './contract.ts'
import { order } from './order.ts'
import { handler } from './parts.ts'
import { itemsOf } from './shares.ts'

export const cancel = handler(orders.cancel, ({ orderId }, { transact, identity, id }) => {
  const request = id()
  return transact(async (tx) => {
    await tx.decide(order, orderId).cancel({ orderId, by: identity.subject, request })
    const { state } = await tx.load(order, orderId)
    if (state.status === 'none' || state.status === 'cancelled') return { outcome: 'cancelled' }
    const open = state.asked[request]
    if (open) tx.send.shipping.withdraw({ orderId, request, items: itemsOf(open.shares), partly: true })
    return { outcome: 'asked' }
  })
})

/** Asks shipping, which alone knows what has left, to keep the items back; `withdrawals.ts` hears the answer. */
export const cancelItems = handler(orders.cancelItems, ({ orderId, items }, { transact, identity, id }) => {
  const request = id()
  return transact(async (tx) => {
    await tx.decide(order, orderId).cancelItems({ orderId, by: identity.has('staff') ? null : identity.subject, request, items })
    tx.send.shipping.withdraw({ orderId, request, items, partly: false })
    return { request }
  })
})
