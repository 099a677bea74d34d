import { cut } from '../values/page.ts'
import { inventory } from './contract.ts'
import { handler } from './parts.ts'

export const level = handler(inventory.level, async ({ sku }, { db }) => {
  const row = await db.selectFrom('stock_level').selectAll().where('sku', '=', sku).executeTakeFirst()
  if (!row) throw inventory.level.errors.NotFound({ sku })
  return { sku, available: Number(row.available), reserved: Number(row.reserved) }
})

export const movements = handler(inventory.movements, async ({ sku, after, limit }, { db }) => {
  const newest = db.selectFrom('movement').selectAll().where('sku', '=', sku).orderBy('id', 'desc')
  const rows = await (after === undefined ? newest : newest.where('id', '<', after)).limit(limit + 1).execute()
  const items = rows.map(({ at, ...row }) => ({ ...row, at: at.toISOString() }))
  return cut(items, limit, ({ id }) => id)
})

const kinds = ['received', 'reserved', 'released', 'sold', 'returned'] as const
type Sums = Record<(typeof kinds)[number], string>

export const ledger = handler(inventory.ledger, async (_input, { query }) => {
  const rows = await query<Sums & { sku: string; on_shelf: string; kept: string }>(
    `select level.sku, level.available as on_shelf, level.reserved as kept, ${kinds.map((kind) => `coalesce(sums.${kind}, 0) as ${kind}`).join(', ')}
     from stock_level level left join (
       select sku, ${kinds.map((kind) => `sum(quantity) filter (where kind = '${kind}') as ${kind}`).join(', ')} from movement group by sku
     ) sums using (sku) order by sku`,
  )
  return rows.map(({ sku, received, reserved, released, sold, returned, on_shelf, kept }) => ({
    sku,
    received: Number(received),
    reserved: Number(reserved),
    released: Number(released),
    sold: Number(sold),
    returned: Number(returned),
    onShelf: { available: Number(on_shelf), reserved: Number(kept) },
  }))
})
