import { orders } from './contract.ts'
import { order } from './order.ts'
import { handler } from './parts.ts'

/** Asks for prices first, then commits once; everything after that follows from the event. */
export const place = handler(orders.place, async ({ lines, card, country }, { call, transact, identity, id, now }) => {
  const prices = await call.catalog.prices({ skus: [...new Set(lines.map(({ sku }) => sku))] })
  const orderId = id()
  const placedAt = now().toISOString()
  return transact(async (tx) => {
    await tx.decide(order, orderId).place({ customerId: identity.subject, country, lines, prices, card, placedAt })
    return { orderId }
  })
})
