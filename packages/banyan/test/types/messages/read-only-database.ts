import { handler, orders } from '../shop.ts'

handler(orders.cancel, ({ orderId }, { db }) => db.deleteFrom('order_view').where('order_id', '=', orderId).execute())
