import type { Applied, RunSql } from 'banyan/types'
import { pieces } from '../values/item.ts'
import { addLost, addOrders, addParts } from './accepted-lines.ts'
import type { Details } from './order-events.ts'
import { order } from './order.ts'
import { projection } from './parts.ts'

const place = /* sql */ `
  insert into order_view (order_id, customer_id, country, total_cents, to_send, invoice, placed_at, updated_at, status)
  select *, 'placed' from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::text[], $7::timestamptz[], $8::timestamptz[])`

const placeLines = /* sql */ `
  insert into order_line (order_id, line, sku, quantity, price_cents) select * from unnest($1::text[], $2::int[], $3::text[], $4::int[], $5::bigint[])`

// what else happened to it may be known already
const become = (status: 'reserved' | 'confirmed' | 'cancelled') => /* sql */ `
  update order_view v set status = case when v.status in ('placed', 'reserved') then '${status}' else v.status end, confirmed = confirmed or '${status}' = 'confirmed',
    reason = e.reason, updated_at = greatest(v.updated_at, e.at)
  from unnest($1::text[], $2::timestamptz[], $3::text[]) as e(order_id, at, reason) where v.order_id = e.order_id`

// where nothing is left to send it is shipped, or nothing is left at all
const change = /* sql */ `
  update order_view v set sent = v.sent + e.sent, to_send = v.to_send - e.sent - e.cancelled, refunded_cents = v.refunded_cents + e.refunded,
    status = case when v.to_send - e.sent - e.cancelled > 0 then v.status when v.sent + e.sent > 0 then 'shipped' else 'cancelled' end,
    reason = case when v.to_send - e.sent - e.cancelled > 0 or v.sent + e.sent > 0 then v.reason else 'by the customer' end,
    updated_at = greatest(v.updated_at, e.at)
  from (
    select order_id, max(at) as at, sum(sent) as sent, sum(cancelled) as cancelled, sum(refunded) as refunded
    from unnest($1::text[], $2::timestamptz[], $3::bigint[], $4::bigint[], $5::bigint[]) as e(order_id, at, sent, cancelled, refunded) group by 1
  ) e where v.order_id = e.order_id`

/** Every order as its customer sees it in a list, its lines, and the sums of what was accepted. What happens to an order comes in this order. */
export const orderView = projection('order_view', { version: 1 }, (on) => [
  on.many(order.events.Placed, async (placed, { query }) => {
    await query(place, ordersOf(placed))
    await query(placeLines, linesOf(placed))
  }),
  on.many(order.events.Reserved, (reserved, { query }) => query(become('reserved'), [keys(reserved), times(reserved), reserved.map(() => null)])),
  on.many(order.events.Confirmed, async (confirmed, { query }) => {
    await query(become('confirmed'), [keys(confirmed), times(confirmed), confirmed.map(() => null)])
    await addOrders(query, confirmed)
  }),
  on.many(order.events.Cancelled, async (cancelled, { query }) => {
    await query(become('cancelled'), [keys(cancelled), times(cancelled), cancelled.map(({ data }) => data.reason)])
    await addLost(query, cancelled)
  }),
  on.many(order.events.Shipped, (shipped, { query }) => changed(query, shipped, ({ items }) => ({ sent: pieces(items) }))),
  on.many(order.events.ItemsCancelled, async (cancelled, { query }) => {
    await changed(query, cancelled, ({ shares, refund }) => ({ cancelled: pieces(shares), refunded: refund.amount }))
    await addParts(query, 'cancelled', cancelled)
  }),
  on.many(order.events.ItemsReturned, async (returned, { query }) => {
    await changed(query, returned, ({ refund }) => ({ refunded: refund.amount }))
    await addParts(query, 'returned', returned)
  }),
])

function ordersOf(placed: readonly Applied<Details>[]): unknown[] {
  const column = <Value>(value: (data: Details) => Value): Value[] => placed.map(({ data }) => value(data))
  return [
    keys(placed),
    column(({ customerId }) => customerId),
    column(({ country }) => country),
    column(({ total }) => total.amount),
    column(({ lines }) => pieces(lines)),
    column(({ invoice }) => invoice),
    column(({ placedAt }) => placedAt),
    times(placed),
  ]
}

function linesOf(placed: readonly Applied<Details>[]): unknown[] {
  const lines = placed.flatMap(({ data, event }) => data.lines.map((line) => ({ ...line, orderId: event.key })))
  return [
    lines.map(({ orderId }) => orderId),
    lines.map(({ line }) => line),
    lines.map(({ sku }) => sku),
    lines.map(({ quantity }) => quantity),
    lines.map(({ price }) => price.amount),
  ]
}

function changed<Data>(
  query: RunSql,
  events: readonly Applied<Data>[],
  by: (data: Data) => { sent?: number; cancelled?: number; refunded?: number },
): Promise<unknown> {
  const changes = events.map(({ data }) => by(data))
  return query(change, [
    keys(events),
    times(events),
    changes.map(({ sent = 0 }) => sent),
    changes.map(({ cancelled = 0 }) => cancelled),
    changes.map(({ refunded = 0 }) => refunded),
  ])
}

function keys(events: readonly Applied<unknown>[]): string[] {
  return events.map(({ event }) => event.key)
}

function times(events: readonly Applied<unknown>[]): Date[] {
  return events.map(({ event }) => event.at)
}
