import { handler, orders } from '../shop.ts'

handler(orders.byId, ({ orderId }, { transact }) => transact(() => ({ orderId, customerId: '' })))
