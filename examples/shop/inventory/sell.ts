import { orders } from '../orders/contract.ts'
import { shipping } from '../shipping/contract.ts'
import { on } from './parts.ts'
import { reservation } from './reservation.ts'
import { stock } from './stock.ts'

/** From when the order is paid for until its last piece has left, and sometimes comes back. */
export const sell = [
  on(orders.Confirmed, ({ orderId }, { transact }) => transact((tx) => tx.decide(reservation, orderId).confirm())),

  on(shipping.Dispatched, ({ orderId, parcel, items }, { transact }) =>
    transact(async (tx) => {
      const { events } = await tx.decide(reservation, orderId).sell({ reference: `parcel ${parcel}`, items })
      if (events > 0) for (const { sku, quantity } of items) await tx.decide(stock, sku).sell({ orderId, quantity })
    }),
  ),

  on(orders.Returned, ({ orderId, request, items }, { transact }) =>
    transact(async (tx) => {
      // a withdrawal that came too late is a return of the same name
      const { events } = await tx.decide(reservation, orderId).takeBack({ reference: `return ${request}`, items })
      if (events > 0) for (const { sku, quantity } of items) await tx.decide(stock, sku).takeBack({ orderId, quantity })
    }),
  ),
]
