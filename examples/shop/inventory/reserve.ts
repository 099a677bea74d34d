import { orders } from '../orders/contract.ts'
import { holdFor, on } from './parts.ts'
import { reservation } from './reservation.ts'
import { stock } from './stock.ts'

/** Keeps every item of a new order, or none: one transaction over the stock of each product and the order's reservation. Not for ever. */
export const reserve = on(orders.Placed, ({ orderId, items }, { transact }) =>
  transact(async (tx) => {
    const { state } = await tx.load(reservation, orderId)
    if (state.status !== 'none') return // done before, or cancelled already
    const shelves = await Promise.all(
      items.map(async ({ sku, quantity }) => ({ sku, wanted: quantity, available: (await tx.load(stock, sku)).state.available })),
    )
    const short = shelves.filter(({ wanted, available }) => wanted > available)
    if (short.length > 0) return tx.decide(reservation, orderId).refuse({ short })
    for (const { sku, quantity } of items) await tx.decide(stock, sku).reserve({ orderId, quantity })
    await tx.decide(reservation, orderId).hold({ items })
    tx.send.inventory.expire({ orderId }, { after: holdFor() })
  }),
)
