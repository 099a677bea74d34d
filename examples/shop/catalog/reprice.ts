import { catalog } from './contract.ts'
import { handler } from './parts.ts'

/** Changes the price of orders to come; orders keep the price they were placed at. A price set twice for one moment is the one set last. */
export const reprice = handler(catalog.reprice, ({ sku, price, from }, { transact, now }) => {
  const since = from === undefined ? now() : new Date(from)
  return transact(async (tx) => {
    // held until the commit, so that two who set prices do so one after the other
    const listed = await tx.db.selectFrom('product').select('sku').where('sku', '=', sku).forUpdate().executeTakeFirst()
    if (!listed) throw catalog.reprice.errors.NotFound({ sku })
    await tx.db
      .insertInto('price')
      .values({ sku, valid_from: since, cents: price.amount })
      .onConflict((conflict) => conflict.columns(['sku', 'valid_from']).doUpdateSet({ cents: price.amount }))
      .execute()
    tx.emit(catalog.Repriced({ sku, price, from: since.toISOString() }), { key: sku })
  })
})
