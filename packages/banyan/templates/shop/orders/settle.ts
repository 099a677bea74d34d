import { payments } from '../payments/contract.ts'
import { order } from './order.ts'
import { on } from './parts.ts'

/** What becomes of an order when the money has come, or has not. */
export const settle = [
  on(payments.Captured, ({ orderId }, { transact }) => transact((tx) => tx.decide(order, orderId).pay())),
  on(payments.Declined, ({ orderId, reason }, { transact }) => transact((tx) => tx.decide(order, orderId).decline({ reason }))),
]
