import { orders } from '../orders/contract.ts'
import { on } from './parts.ts'
import { reservation } from './reservation.ts'
import { stock } from './stock.ts'

/** What was kept for an order that is now paid has left the shelf for good. */
export const sell = on(orders.Confirmed, ({ orderId }, { transact }) =>
  transact(async (tx) => {
    const { state } = await tx.load(reservation, orderId)
    const lines = state.status === 'held' ? state.lines : []
    for (const { sku } of lines) await tx.decide(stock, sku).sell({ orderId })
    await tx.decide(reservation, orderId).complete()
  }),
)
