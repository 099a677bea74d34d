import { catalog } from './contract.ts'
import { handler } from './parts.ts'
import { rowOf } from './tables.ts'

/** Lists a product and tells everybody, in one commit. */
export const add = handler(catalog.add, (product, { transact }) =>
  transact(async (tx) => {
    const added = await tx.db
      .insertInto('product')
      .values(rowOf(product))
      .onConflict((conflict) => conflict.column('sku').doNothing())
      .returning('sku')
      .executeTakeFirst()
    if (!added) throw catalog.add.errors.AlreadyListed({ sku: product.sku })
    tx.emit(catalog.Listed(product), { key: product.sku })
  }),
)
