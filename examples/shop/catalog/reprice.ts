import { catalog } from './contract.ts'
import { handler } from './parts.ts'

/** Changes the price of orders to come; orders keep the price they were placed at. */
export const reprice = handler(catalog.reprice, ({ sku, price }, { transact }) =>
  transact(async (tx) => {
    const before = await tx.db.selectFrom('product').select('price_cents').where('sku', '=', sku).forUpdate().executeTakeFirst()
    if (!before) throw catalog.reprice.errors.NotFound({ sku })
    if (before.price_cents === price.amount) return
    await tx.db.updateTable('product').set({ price_cents: price.amount }).where('sku', '=', sku).execute()
    tx.emit(catalog.Repriced({ sku, price }), { key: sku })
  }),
)
