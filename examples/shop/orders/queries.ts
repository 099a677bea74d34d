import { euros } from '../values/money.ts'
import { cut } from '../values/page.ts'
import { orders } from './contract.ts'
import { order } from './order.ts'
import { handler } from './parts.ts'

/** From the log itself, so that a customer sees an order the moment it is placed. */
export const byId = handler(orders.byId, async ({ orderId }, { load }) => {
  const { state } = await load(order, orderId)
  if (state.status === 'none') throw orders.byId.errors.NotFound({ orderId })
  const { customerId, status, lines, total, placedAt } = state
  return { orderId, customerId, status, reason: state.status === 'cancelled' ? state.reason : null, lines, total, placedAt }
})

export const mine = handler(orders.mine, async ({ after, limit }, { db, identity }) => {
  const own = db.selectFrom('order_view').where('customer_id', '=', identity.subject)
  const last = after === undefined ? undefined : await own.select(['placed_at', 'order_id']).where('order_id', '=', after).executeTakeFirst()
  const older = last ? own.where(({ eb, refTuple, tuple }) => eb(refTuple('placed_at', 'order_id'), '<', tuple(last.placed_at, last.order_id))) : own
  const rows = await older
    .selectAll()
    .orderBy('placed_at', 'desc')
    .orderBy('order_id', 'desc')
    .limit(limit + 1)
    .execute()
  const items = rows.map(({ order_id, status, reason, total_cents, placed_at, updated_at }) => ({
    orderId: order_id,
    status,
    reason,
    total: euros(total_cents),
    placedAt: placed_at.toISOString(),
    updatedAt: updated_at.toISOString(),
  }))
  return cut(items, limit, ({ orderId }) => orderId)
})

export const ledger = handler(orders.ledger, async (_input, { db }) => {
  const counts = await db
    .selectFrom('order_view')
    .select(({ fn }) => ['status', fn.countAll().as('count'), fn.sum('total_cents').as('cents')])
    .groupBy('status')
    .execute()
  const sold = await db
    .selectFrom('order_line')
    .innerJoin('order_view', 'order_view.order_id', 'order_line.order_id')
    .select(({ fn }) => ['sku', fn.sum('quantity').as('quantity')])
    .where('status', '=', 'confirmed')
    .groupBy('sku')
    .orderBy('sku')
    .execute()
  const count = (...statuses: string[]) => counts.filter(({ status }) => statuses.includes(status)).reduce((total, { count }) => total + Number(count), 0)
  return {
    open: count('placed', 'reserved', 'paid'),
    confirmed: count('confirmed'),
    cancelled: count('cancelled'),
    total: euros(Number(counts.find(({ status }) => status === 'confirmed')?.cents ?? 0)),
    sold: sold.map(({ sku, quantity }) => ({ sku, quantity: Number(quantity) })),
  }
})
