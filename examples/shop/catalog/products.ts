import { euros } from '../values/money.ts'
import { cut } from '../values/page.ts'
import { catalog } from './contract.ts'
import { handler } from './parts.ts'
import { productOf } from './tables.ts'

export const products = handler(catalog.products, async ({ after = '', limit }, { db }) => {
  const rows = await db
    .selectFrom('product')
    .selectAll()
    .where('sku', '>', after)
    .orderBy('sku')
    .limit(limit + 1)
    .execute()
  return cut(rows.map(productOf), limit, ({ sku }) => sku)
})

export const product = handler(catalog.product, async ({ sku }, { db }) => {
  const row = await db.selectFrom('product').selectAll().where('sku', '=', sku).executeTakeFirst()
  if (!row) throw catalog.product.errors.NotFound({ sku })
  return productOf(row)
})

export const prices = handler(catalog.prices, async ({ skus }, { db }) => {
  if (skus.length === 0) return {}
  const rows = await db.selectFrom('product').select(['sku', 'price_cents']).where('sku', 'in', skus).execute()
  return Object.fromEntries(rows.map(({ sku, price_cents }) => [sku, euros(price_cents)]))
})
