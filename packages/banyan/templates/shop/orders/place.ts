import { orders } from './contract.ts'
import { order } from './order.ts'
import { handler } from './parts.ts'
import { priced, totalOf } from './pricing.ts'

/** Asks for prices first, then commits once: the order, and the promise that its money is asked for. */
export const place = handler(orders.place, async ({ lines }, { call, transact, identity, id }) => {
  const prices = await call.catalog.prices({ skus: [...new Set(lines.map(({ sku }) => sku))] })
  const pricedLines = priced(lines, prices)
  const [orderId, customerId] = [id(), identity.subject]
  return transact(async (tx) => {
    await tx.decide(order, orderId).place({ customerId, lines: pricedLines })
    tx.send.payments.charge({ orderId, amount: totalOf(pricedLines) })
    return { orderId }
  })
})
