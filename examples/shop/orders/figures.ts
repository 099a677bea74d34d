import type { RunSql } from 'banyan/types'

/** The sides of `figure` that say what was received. */
export type ReceivedSide = 'sale' | 'credit' | 'adjustment'
/** Those that say what came of it. `lost`: lines of invoices whose order came to nothing. */
export type AcceptedSide = 'ordered' | 'cancelled' | 'returned' | 'lost'

/**
 * Adds lines to the sums of everything they belong to, in one statement for however many documents. `from` is SQL that gives lines with
 * side, document, month, country, sku, customer, reason, lines, quantity and amount; what is null of them has no sum. Sorted, so that two
 * who add to the same sums wait for each other and not in a circle.
 */
export function addFigures(query: RunSql, from: string, values: readonly unknown[]): Promise<unknown> {
  return query(
    `insert into figure as f (dimension, key, side, documents, lines, quantity, amount)
     select d.dimension, d.key, l.side, count(distinct l.document), sum(l.lines), sum(l.quantity), sum(l.amount)
     from (${from}) l cross join lateral
       (values ('all', ''), ('month', l.month), ('country', l.country), ('product', l.sku), ('customer', l.customer), ('reason', l.reason)) d(dimension, key)
     where d.key is not null
     group by 1, 2, 3 order by 1, 2, 3
     on conflict (dimension, key, side) do update set documents = f.documents + excluded.documents, lines = f.lines + excluded.lines,
       quantity = f.quantity + excluded.quantity, amount = f.amount + excluded.amount`,
    values,
  )
}

/** Notes who was seen in a month. */
export function addCustomers(query: RunSql, side: 'received' | 'accepted', from: string, values: readonly unknown[]): Promise<unknown> {
  return query(
    `insert into month_customer (side, month, customer_id)
     select distinct '${side}', month, customer from (${from}) l where customer is not null order by 1, 2, 3 on conflict do nothing`,
    values,
  )
}
