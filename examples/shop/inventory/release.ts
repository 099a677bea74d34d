import { orders } from '../orders/contract.ts'
import { on } from './parts.ts'
import { reservation } from './reservation.ts'
import { stock } from './stock.ts'

/** Puts what was kept for a cancelled order back on the shelf. */
export const release = on(orders.Cancelled, ({ orderId }, { transact }) =>
  transact(async (tx) => {
    const { state } = await tx.load(reservation, orderId)
    const lines = state.status === 'held' ? state.lines : []
    for (const { sku } of lines) await tx.decide(stock, sku).release({ orderId })
    await tx.decide(reservation, orderId).free()
  }),
)
