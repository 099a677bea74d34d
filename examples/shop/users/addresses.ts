import { users } from './contract.ts'
import { handler } from './parts.ts'

const MOST = 20

/** Writes one of the caller's addresses down, or anew. */
export const putAddress = handler(users.putAddress, async ({ label, recipient, street, postalCode, city, country }, { identity, transact }) => {
  const userId = identity.subject
  const address = { recipient, street, postal_code: postalCode, city, country }
  await transact(async (tx) => {
    // whoever adds another one meanwhile waits, so that both are counted
    const own = await tx.db.selectFrom('account').select('user_id').where('user_id', '=', userId).forUpdate().executeTakeFirst()
    if (!own) throw users.putAddress.errors.NotFound({})
    const others = await tx.db.selectFrom('address').select('label').where('user_id', '=', userId).where('label', '!=', label).execute()
    if (others.length >= MOST) throw users.putAddress.errors.TooMany({ most: MOST })
    await tx.db
      .insertInto('address')
      .values({ user_id: userId, label, ...address })
      .onConflict((conflict) => conflict.columns(['user_id', 'label']).doUpdateSet(address))
      .execute()
  })
})

/** Removing what is not there is removing it. */
export const removeAddress = handler(users.removeAddress, ({ label }, { identity, transact }) =>
  transact((tx) => tx.db.deleteFrom('address').where('user_id', '=', identity.subject).where('label', '=', label).execute()),
)
