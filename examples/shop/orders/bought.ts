import type { RunSql } from 'banyan/types'
import type { InvoiceLine } from './invoice-document.ts'
import { creditable, type Order } from './order-state.ts'
import { bySku } from './shares.ts'

/** What a customer may give back of an order, by product. */
export interface Bought {
  readonly orderId: string
  /** Products of the order that were asked for; of some nothing may be left. */
  readonly left: ReadonlyMap<string, number>
}

interface Candidate {
  readonly orderId: string
  /** Which of the products that were asked for it has. */
  readonly skus: readonly string[]
}

/** The orders that lines of a credit may be about, newest first, as far as the read model knows; what is left of them the log says. */
export function findBought(query: RunSql, customerId: string, lines: readonly InvoiceLine[]): Promise<Candidate[]> {
  return query<Candidate>(
    `select v.order_id as "orderId", array_agg(distinct l.sku) as skus
     from order_view v join order_line l using (order_id)
     where v.customer_id = $1 and v.confirmed and l.sku = any ($2)
     group by v.order_id, v.placed_at order by v.placed_at desc, v.order_id desc`,
    [customerId, [...new Set(lines.map(({ sku }) => sku.toUpperCase()))]],
  )
}

/** Looks at one order after the other until enough is found; what is not looked at has nothing to give, which is as good. */
export async function bought(candidates: readonly Candidate[], lines: readonly InvoiceLine[], load: (orderId: string) => Promise<Order>): Promise<Bought[]> {
  const wanted = bySku(
    lines.map(({ sku, quantity }) => ({ sku: sku.toUpperCase(), quantity: Math.max(0, -quantity) })),
    ({ quantity }) => quantity,
  )
  const found: Bought[] = []
  for (const { orderId, skus } of candidates) {
    const missing = skus.some((sku) => (wanted.get(sku) ?? 0) > 0)
    const state = missing ? await load(orderId) : undefined
    const counts = state && state.status !== 'none' ? creditable(state) : new Map<string, number>()
    const left = new Map(skus.map((sku) => [sku, counts.get(sku) ?? 0]))
    for (const [sku, count] of left) wanted.set(sku, (wanted.get(sku) ?? 0) - count)
    found.push({ orderId, left })
  }
  return found
}
