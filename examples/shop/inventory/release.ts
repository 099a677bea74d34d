import { orders } from '../orders/contract.ts'
import { shipping } from '../shipping/contract.ts'
import { itemsOf } from '../values/counts.ts'
import { on } from './parts.ts'
import { reservation } from './reservation.ts'
import { stock } from './stock.ts'

/** What puts pieces that were kept for an order back on the shelf. */
export const release = [
  on(orders.Cancelled, ({ orderId }, { transact }) =>
    transact(async (tx) => {
      const { state } = await tx.load(reservation, orderId)
      const { events } = await tx.decide(reservation, orderId).free()
      if (events === 0) return
      for (const { sku, quantity } of itemsOf(state.kept)) await tx.decide(stock, sku).release({ orderId, quantity })
    }),
  ),

  on(shipping.Withdrawn, ({ orderId, request, items }, { transact }) =>
    transact(async (tx) => {
      const { events } = await tx.decide(reservation, orderId).release({ reference: request, items })
      if (events > 0) for (const { sku, quantity } of items) await tx.decide(stock, sku).release({ orderId, quantity })
    }),
  ),
]
