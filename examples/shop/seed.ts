import { assortment } from './assortment.ts'
import { catalog } from './catalog/contract.ts'
import type { Calls } from './shop.ts'

/**
 * Lists the assortment and books its opening stock, through the same operations that the staff uses. May be repeated: the idempotency
 * keys follow from the products, so nothing is listed or delivered twice.
 */
export async function seed(call: Calls): Promise<void> {
  await Promise.all(
    assortment.map(async ({ pieces, ...product }) => {
      const listed = await call.catalog.add.result(product, { idempotencyKey: `seed/list/${product.sku}` })
      if (!listed.ok && !catalog.add.errors.AlreadyListed.is(listed.error)) throw listed.error
      if (pieces === 0) return
      const receipt = { sku: product.sku, quantity: pieces, delivery: 'opening stock' }
      await call.inventory.receive(receipt, { idempotencyKey: `seed/stock/${product.sku}` })
    }),
  )
}
