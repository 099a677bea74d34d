import { orders } from './contract.ts'
import { order } from './order.ts'
import { handler } from './parts.ts'

/** From the log itself, so that a customer sees an order the moment it is placed. */
export const byId = handler(orders.byId, async ({ orderId }, { load }) => {
  const { state } = await load(order, orderId)
  if (state.status === 'none') throw orders.byId.errors.NotFound({ orderId })
  return { orderId, ...state }
})

export const mine = handler(orders.mine, async ({ before, limit }, { db, identity }) => {
  const own = db.selectFrom('order_view').selectAll().where('customer_id', '=', identity.subject)
  const page = before === undefined ? own : own.where('order_id', '<', before)
  // ids are UUIDv7, which sort by time
  const rows = await page.orderBy('order_id', 'desc').limit(limit).execute()
  return rows.map(({ order_id, status, total }) => ({ orderId: order_id, status, total }))
})
