import { catalog } from './contract.ts'
import { handler } from './parts.ts'

export const add = handler(catalog.add, (product, { transact }) =>
  transact(async (tx) => {
    const row = tx.db
      .insertInto('product')
      .values(product)
      .onConflict((conflict) => conflict.doNothing())
    const added = await row.returning('sku').executeTakeFirst()
    if (!added) throw catalog.add.errors.AlreadyListed({ sku: product.sku })
  }),
)

export const products = handler(catalog.products, ({ after = '', limit }, { db }) =>
  db.selectFrom('product').selectAll().where('sku', '>', after).orderBy('sku').limit(limit).execute(),
)

export const prices = handler(catalog.prices, async ({ skus }, { db }) => {
  const rows = await db.selectFrom('product').select(['sku', 'price']).where('sku', 'in', skus).execute()
  return Object.fromEntries(rows.map(({ sku, price }) => [sku, price]))
})
