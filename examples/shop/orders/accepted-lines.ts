import type { Applied, RunSql } from 'banyan/types'
import { GUEST } from '../values/guest.ts'
import { addCustomers, addFigures, type AcceptedSide } from './figures.ts'
import type { Share } from './shares.ts'

// lines at their prices; an order that was entered counts in the month of its invoice
const orderLines = (side: AcceptedSide, what: string) => /* sql */ `
  select '${side}' as side, v.order_id as document, to_char(v.placed_at at time zone 'UTC', 'YYYY-MM') as month, v.country, l.sku,
    nullif(v.customer_id, '${GUEST}') as customer, null as reason, ${what}`

const whole = /* sql */ `
  ${orderLines('ordered', 'count(*) as lines, sum(l.quantity) as quantity, sum(l.quantity * l.price_cents) / 100 as amount')}
  from order_view v join order_line l using (order_id) where v.order_id = any ($1) group by v.order_id, l.sku`

const parts = (side: AcceptedSide) => /* sql */ `
  ${orderLines(side, '0 as lines, s.quantity, s.quantity * l.price_cents / 100.0 as amount')}
  from unnest($1::text[], $2::int[], $3::int[]) as s(order_id, line, quantity) join order_line l using (order_id, line) join order_view v using (order_id)`

// lines of invoices whose order came to nothing, and why
const lost = /* sql */ `
  select 'lost' as side, v.order_id as document, null as month, null as country, null as sku, null as customer, v.reason, 1 as lines, l.quantity, 0 as amount
  from order_view v join order_line l using (order_id) where v.order_id = any ($1) and v.invoice is not null`

/** Adds orders that were confirmed. */
export async function addOrders(query: RunSql, orders: readonly Applied<unknown>[]): Promise<void> {
  const values = [orders.map(({ event }) => event.key)]
  await addFigures(query, whole, values)
  await addCustomers(query, 'accepted', whole, values)
}

/** Adds what was cancelled afterwards, or returned. */
export async function addParts(
  query: RunSql,
  side: 'cancelled' | 'returned',
  parted: readonly Applied<{ readonly shares: readonly Share[] }>[],
): Promise<void> {
  const all = parted.flatMap(({ data, event }) => data.shares.map((share) => ({ ...share, orderId: event.key })))
  await addFigures(query, parts(side), [all.map(({ orderId }) => orderId), all.map(({ line }) => line), all.map(({ quantity }) => quantity)])
}

/** Adds lines that were accepted at first, and whose order came to nothing before it was confirmed. */
export async function addLost(query: RunSql, orders: readonly Applied<unknown>[]): Promise<void> {
  await addFigures(query, lost, [orders.map(({ event }) => event.key)])
}
