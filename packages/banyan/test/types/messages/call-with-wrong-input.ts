import { handler, orders } from '../shop.ts'

handler(orders.place, async (_input, { call }) => {
  await call.catalog.prices({ sku: 'a' })
  return { orderId: '' }
})
