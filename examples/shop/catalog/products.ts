import { euros } from '../values/money.ts'
import { cut } from '../values/page.ts'
import { catalog } from './contract.ts'
import { handler } from './parts.ts'
import { searchOf } from './search.ts'
import { productOf, type ListedRow } from './tables.ts'

const listed = /* sql */ `
  select sku, name, description, price.cents from product
  cross join lateral (select cents from price where price.sku = product.sku and valid_from <= now() order by valid_from desc limit 1) price`

export const products = handler(catalog.products, async ({ q, after = '', limit }, { query }) => {
  const search = q === undefined ? undefined : searchOf(q)
  const rows =
    search === undefined
      ? await query<ListedRow>(`${listed} where sku > $1 order by sku limit $2`, [after, limit + 1])
      : await query<ListedRow>(`${listed} where sku > $1 and words @@ to_tsquery('simple', $3) order by sku limit $2`, [after, limit + 1, search])
  return cut(rows.map(productOf), limit, ({ sku }) => sku)
})

export const product = handler(catalog.product, async ({ sku }, { query }) => {
  const [row] = await query<ListedRow>(`${listed} where sku = $1`, [sku])
  if (!row) throw catalog.product.errors.NotFound({ sku })
  return productOf(row)
})

export const priceList = handler(catalog.priceList, async ({ sku, after, limit }, { db }) => {
  const latest = db.selectFrom('price').select(['cents', 'valid_from']).where('sku', '=', sku).orderBy('valid_from', 'desc')
  const rows = await (after === undefined ? latest : latest.where('valid_from', '<', new Date(after))).limit(limit + 1).execute()
  const items = rows.map(({ cents, valid_from }) => ({ price: euros(cents), from: valid_from.toISOString() }))
  return cut(items, limit, ({ from }) => from)
})

export const prices = handler(catalog.prices, async ({ skus, at }, { query, now }) => {
  const rows = await query<{ sku: string; cents: number }>(
    `select asked.sku, price.cents from unnest($1::text[]) as asked(sku)
     cross join lateral (select cents from price where price.sku = asked.sku and valid_from <= $2 order by valid_from desc limit 1) price`,
    [skus, at ?? now()],
  )
  return Object.fromEntries(rows.map(({ sku, cents }) => [sku, euros(cents)]))
})
