import { handler, orders } from '../shop.ts'

handler(orders.cancel, ({ orderId }, { transact }) =>
  transact((tx) => {
    tx.emit(orders.Placed({ orderId, sum: 1 }), { key: orderId })
  }),
)
