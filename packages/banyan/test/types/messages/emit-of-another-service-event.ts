import { handler, orders, payments } from '../shop.ts'

handler(orders.cancel, ({ orderId }, { transact }) =>
  transact((tx) => {
    tx.emit(payments.Declined({ orderId, reason: '' }), { key: orderId })
  }),
)
