import { handler, orders } from '../shop.ts'

handler(orders.cancel, ({ orderId }, { transact }) =>
  transact((tx) => {
    tx.send.payments.status({ orderId })
  }),
)
