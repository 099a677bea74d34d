import { assortment } from './assortment.ts'
import { catalog } from './catalog/contract.ts'
import type { Calls } from './shop.ts'
import { users } from './users/contract.ts'

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

/** Who is staff from the beginning, in development only: everybody can read the password here. */
export const staffAccount = { email: 'cleo@shop.example', name: 'Cleo', password: 'only for development' } as const

/** Registers the first of the staff, who can then grant roles to others. May be repeated. */
export async function seedStaff(call: Calls): Promise<void> {
  const registered = await call.users.register.result(staffAccount)
  if (!registered.ok && !users.register.errors.EmailTaken.is(registered.error)) throw registered.error
  const { userId } = await call.users.byEmail({ email: staffAccount.email })
  await call.users.grantRoles({ userId, roles: ['customer', 'staff'] })
}
