import { users } from './contract.ts'
import { handler } from './parts.ts'

export const grantRoles = handler(users.grantRoles, async ({ userId, roles }, { transact }) => {
  const granted = [...new Set(roles)].sort()
  await transact(async (tx) => {
    const found = await tx.db.updateTable('account').set({ roles: granted }).where('user_id', '=', userId).returning('user_id').executeTakeFirst()
    if (!found) throw users.grantRoles.errors.NotFound({ userId })
  })
})
