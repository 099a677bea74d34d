import { normalised } from '../values/email.ts'
import { users } from './contract.ts'
import { handler } from './parts.ts'

const UNIQUE_VIOLATION = '23505'

export const changeMe = handler(users.changeMe, async ({ email: given, name }, { identity, transact }) => {
  const [userId, email] = [identity.subject, normalised(given)]
  await transact(async (tx) => {
    const before = await tx.db.selectFrom('account').select(['email', 'name']).where('user_id', '=', userId).forUpdate().executeTakeFirst()
    if (!before) throw users.changeMe.errors.NotFound({})
    if (before.email === email && before.name === name) return
    try {
      await tx.db.updateTable('account').set({ email, name }).where('user_id', '=', userId).execute()
    } catch (error) {
      // the address is the only thing of an account that has to be unlike others
      if ((error as { code?: unknown }).code === UNIQUE_VIOLATION) throw users.changeMe.errors.EmailTaken({ email })
      throw error
    }
    tx.emit(users.Changed({ userId, email, name }), { key: userId })
  })
})
