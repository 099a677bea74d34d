import type { OrderStatus, Reason } from './contract.ts'
import { order } from './order.ts'
import { projection } from './parts.ts'

const update = /* sql */ `update order_view set status = $2, reason = $3, updated_at = $4 where order_id = $1`
const become = (orderId: string, status: OrderStatus, at: Date, reason: Reason | null = null) => [orderId, status, reason, at]

/** Every order as its customer sees it in a list. */
export const orderView = projection('order_view', { version: 1 }, (on) => [
  on(order.events.Placed, async ({ customerId, lines, total, placedAt }, { db, event }) => {
    const row = { order_id: event.key, customer_id: customerId, total_cents: total.amount, placed_at: new Date(placedAt), updated_at: event.at }
    await db
      .insertInto('order_view')
      .values({ ...row, status: 'placed', reason: null })
      .execute()
    await db
      .insertInto('order_line')
      .values(lines.map(({ sku, quantity }) => ({ order_id: event.key, sku, quantity })))
      .execute()
  }),
  on(order.events.Reserved, (_reserved, { query, event }) => query(update, become(event.key, 'reserved', event.at))),
  on(order.events.Paid, (_paid, { query, event }) => query(update, become(event.key, 'paid', event.at))),
  on(order.events.Confirmed, (_confirmed, { query, event }) => query(update, become(event.key, 'confirmed', event.at))),
  on(order.events.Cancelled, ({ reason }, { query, event }) => query(update, become(event.key, 'cancelled', event.at, reason))),
])
