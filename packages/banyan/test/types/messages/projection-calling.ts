import { orders, projection } from '../shop.ts'

projection('order_view', { version: 1 }, (on) => [on(orders.Placed, ({ orderId }, { call }) => call.payments.status({ orderId }))])
