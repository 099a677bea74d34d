import { orders } from './contract.ts'
import { order } from './order.ts'
import { refundsOf } from './order-state.ts'
import { handler } from './parts.ts'

/** Goods that came back. The money goes back with the same commit's send, the pieces go to the shelf when inventory hears of it. */
export const returnItems = handler(orders.returnItems, ({ orderId, items, reason }, { transact, identity, id }) => {
  const request = id()
  return transact(async (tx) => {
    await tx.decide(order, orderId).returnItems({ orderId, by: identity.has('staff') ? null : identity.subject, request, items, reason })
    const { state } = await tx.load(order, orderId)
    for (const refund of refundsOf(state, request)) tx.send.payments.refund({ orderId, ...refund })
    return { request }
  })
})
