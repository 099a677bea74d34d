import { cut } from '../values/page.ts'
import { inventory } from './contract.ts'
import { handler } from './parts.ts'

export const level = handler(inventory.level, async ({ sku }, { db }) => {
  const row = await db.selectFrom('stock_level').selectAll().where('sku', '=', sku).executeTakeFirst()
  if (!row) throw inventory.level.errors.NotFound({ sku })
  return row
})

export const movements = handler(inventory.movements, async ({ sku, after, limit }, { db }) => {
  const newest = db.selectFrom('movement').selectAll().where('sku', '=', sku).orderBy('id', 'desc')
  const rows = await (after === undefined ? newest : newest.where('id', '<', after)).limit(limit + 1).execute()
  const items = rows.map(({ at, ...row }) => ({ ...row, at: at.toISOString() }))
  return cut(items, limit, ({ id }) => id)
})

export const ledger = handler(inventory.ledger, async (_input, { db }) => {
  const levels = await db.selectFrom('stock_level').selectAll().orderBy('sku').execute()
  const sums = await db
    .selectFrom('movement')
    .select(({ fn }) => ['sku', 'kind', fn.sum('quantity').as('quantity')])
    .groupBy(['sku', 'kind'])
    .execute()
  return levels.map(({ sku, available, reserved }) => {
    const total = (kind: string) => Number(sums.find((sum) => sum.sku === sku && sum.kind === kind)?.quantity ?? 0)
    return { sku, received: total('received'), reserved: total('reserved'), released: total('released'), sold: total('sold'), onShelf: { available, reserved } }
  })
})
