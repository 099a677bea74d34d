import { handler, orders } from '../shop.ts'

handler(orders.byId, ({ orderId }) => ({ orderId, customer: 'c' }))
