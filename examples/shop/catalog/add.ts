import { catalog } from './contract.ts'
import { handler } from './parts.ts'

/** Lists a product and tells everybody, in one commit. */
export const add = handler(catalog.add, (product, { transact, now }) => {
  const { sku, name, description, price } = product
  const from = now()
  return transact(async (tx) => {
    const added = await tx.db
      .insertInto('product')
      .values({ sku, name, description })
      .onConflict((conflict) => conflict.column('sku').doNothing())
      .returning('sku')
      .executeTakeFirst()
    if (!added) throw catalog.add.errors.AlreadyListed({ sku })
    await tx.db.insertInto('price').values({ sku, valid_from: from, cents: price.amount }).execute()
    tx.emit(catalog.Listed(product), { key: sku })
  })
})
