import { euros, sum } from '../values/money.ts'
import { cut } from '../values/page.ts'
import { orders } from './contract.ts'
import { order } from './order.ts'
import type { PlacedOrder } from './order-state.ts'
import { handler } from './parts.ts'

/** From the log itself, so that a customer sees an order the moment it is placed. */
export const byId = handler(orders.byId, async ({ orderId }, { load }) => {
  const { state } = await load(order, orderId)
  if (state.status === 'none') throw orders.byId.errors.NotFound({ orderId })
  const { customerId, country, status, reason, total, placedAt, refunds } = state
  return { orderId, customerId, country, status, reason, lines: shownLines(state), total, refunded: sum(Object.values(refunds)), placedAt }
})

/** Pieces that have left are known by product; they are shown on the first lines that have room for them. */
function shownLines({ lines, shipped }: PlacedOrder) {
  const sent = new Map(Object.entries(shipped))
  return lines.map(({ line, sku, quantity, price, cancelled, returned, asked }) => {
    const here = Math.min(quantity - cancelled, sent.get(sku) ?? 0)
    sent.set(sku, (sent.get(sku) ?? 0) - here)
    return { line, sku, quantity, price, cancelled, shipped: here, returned, asked }
  })
}

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
  const items = rows.map(({ order_id, status, reason, total_cents, refunded_cents, placed_at, updated_at }) => ({
    orderId: order_id,
    status,
    reason,
    total: euros(Number(total_cents)),
    refunded: euros(Number(refunded_cents)),
    placedAt: placed_at.toISOString(),
    updatedAt: updated_at.toISOString(),
  }))
  return cut(items, limit, ({ orderId }) => orderId)
})

export const invoice = handler(orders.invoice, async ({ invoice }, { db }) => {
  const head = await db
    .selectFrom('invoice')
    .leftJoin('order_view', 'order_view.order_id', 'invoice.order_id')
    .select(['invoice.kind', 'invoice.order_id', 'invoice.customer_id', 'invoice.country', 'order_view.reason', 'order_view.confirmed'])
    .where('invoice.invoice', '=', invoice)
    .executeTakeFirst()
  if (!head) throw orders.invoice.errors.NotFound({ invoice })
  const lines = await db
    .selectFrom('received')
    .select(({ fn, val }) => [
      'line',
      'sku',
      'description',
      'quantity',
      'price',
      'refused',
      fn<string>('to_char', ['at', val('YYYY-MM-DD"T"HH24:MI:SS')]).as('at'),
    ])
    .where('invoice', '=', invoice)
    .orderBy('line')
    .execute()
  const { kind, order_id, customer_id, country, reason, confirmed } = head
  return { invoice, kind, orderId: order_id, customerId: customer_id, country, outcome: confirmed ? null : reason, lines }
})
