import { handler, order, orders } from '../shop.ts'

handler(orders.cancel, ({ orderId }, { transact }) => transact((tx) => tx.decide(order, orderId).delete({ reason: 'x' })))
