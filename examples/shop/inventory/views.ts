import type { Applied, RunSql } from 'banyan/types'
import { catalog } from '../catalog/contract.ts'
import { projection } from './parts.ts'
import { stock } from './stock.ts'
import type { MovementRow } from './tables.ts'

type Moved = readonly Applied<{ readonly quantity: number }>[]

/** How much of each product there is now. */
export const stockLevel = projection('stock_level', { version: 1 }, (on) => [
  // a product that was never delivered has a level too: none
  on.many(catalog.Listed, (listed, { query }) =>
    change(
      query,
      listed.map(({ data }) => ({ sku: data.sku, available: 0, reserved: 0 })),
    ),
  ),
  on.many(stock.events.Received, (moved, { query }) => change(query, levels(moved, 1, 0))),
  on.many(stock.events.Reserved, (moved, { query }) => change(query, levels(moved, -1, 1))),
  on.many(stock.events.Released, (moved, { query }) => change(query, levels(moved, 1, -1))),
  on.many(stock.events.Sold, (moved, { query }) => change(query, levels(moved, 0, -1))),
  on.many(stock.events.Returned, (moved, { query }) => change(query, levels(moved, 1, 0))),
])

/** The ledger: every movement, never changed. */
export const movement = projection('movement', { version: 1 }, (on) => [
  on.many(stock.events.Received, (moved, { query }) => book(query, 'received', moved, ({ delivery }) => delivery)),
  on.many(stock.events.Reserved, (moved, { query }) => book(query, 'reserved', moved, ({ orderId }) => orderId)),
  on.many(stock.events.Released, (moved, { query }) => book(query, 'released', moved, ({ orderId }) => orderId)),
  on.many(stock.events.Sold, (moved, { query }) => book(query, 'sold', moved, ({ orderId }) => orderId)),
  on.many(stock.events.Returned, (moved, { query }) => book(query, 'returned', moved, ({ orderId }) => orderId)),
])

interface LevelChange {
  readonly sku: string
  readonly available: number
  readonly reserved: number
}

function levels(moved: Moved, available: number, reserved: number): LevelChange[] {
  return moved.map(({ data, event }) => ({ sku: event.key, available: available * data.quantity, reserved: reserved * data.quantity }))
}

function change(query: RunSql, changes: readonly LevelChange[]): Promise<unknown> {
  return query(
    `insert into stock_level as level (sku, available, reserved)
     select sku, sum(available), sum(reserved) from unnest($1::text[], $2::int[], $3::int[]) as c(sku, available, reserved) group by sku order by sku
     on conflict (sku) do update set available = level.available + excluded.available, reserved = level.reserved + excluded.reserved`,
    [changes.map(({ sku }) => sku), changes.map(({ available }) => available), changes.map(({ reserved }) => reserved)],
  )
}

/** No `on conflict`: each event is applied once, and the primary key would tell if it were not. */
function book<Data extends { readonly quantity: number }>(
  query: RunSql,
  kind: MovementRow['kind'],
  moved: readonly Applied<Data>[],
  reference: (data: Data) => string,
): Promise<unknown> {
  return query(
    `insert into movement (id, sku, quantity, reference, at, kind) select *, '${kind}' from unnest($1::text[], $2::text[], $3::int[], $4::text[], $5::timestamptz[])`,
    [
      moved.map(({ event }) => event.id),
      moved.map(({ event }) => event.key),
      moved.map(({ data }) => data.quantity),
      moved.map(({ data }) => reference(data)),
      moved.map(({ event }) => event.at),
    ],
  )
}
