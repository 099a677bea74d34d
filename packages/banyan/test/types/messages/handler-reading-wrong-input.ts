import { handler, orders } from '../shop.ts'

handler(orders.byId, ({ id }) => ({ orderId: id, customerId: '' }))
