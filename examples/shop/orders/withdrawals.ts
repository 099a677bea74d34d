import type { Item } from '../values/item.ts'
import { shipping } from '../shipping/contract.ts'
import { order } from './order.ts'
import { refundsOf } from './order-state.ts'
import { on, type Transaction } from './parts.ts'

/** What an order does about what shipping says. Shipping is the authority for what has left; what it answers is final. */
export const withdrawals = [
  on(shipping.Dispatched, ({ orderId, parcel, items }, { transact }) => transact((tx) => tx.decide(order, orderId).ship({ parcel, items }))),

  on(shipping.Withdrawn, ({ orderId, request, items }, { transact }) => transact((tx) => answered(tx, orderId, request, items))),

  on(shipping.TooLate, ({ orderId, request }, { transact }) => transact((tx) => answered(tx, orderId, request, []))),
]

/** Pays back what was withdrawn, or what counts as returned because it could not be. */
async function answered(tx: Transaction, orderId: string, request: string, items: readonly Item[]): Promise<void> {
  const { events } = await tx.decide(order, orderId).answer({ request, items })
  if (events === 0) return // heard before
  const { state } = await tx.load(order, orderId)
  for (const refund of refundsOf(state, request)) tx.send.payments.refund({ orderId, ...refund })
}
