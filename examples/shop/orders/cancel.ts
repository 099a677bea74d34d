import { orders } from './contract.ts'
import { order } from './order.ts'
import { handler } from './parts.ts'

export const cancel = handler(orders.cancel, ({ orderId }, { transact, identity }) =>
  transact((tx) => tx.decide(order, orderId).cancel({ orderId, by: identity.subject })),
)
