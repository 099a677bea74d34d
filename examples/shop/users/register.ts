import { randomUUID } from 'node:crypto'
import { normalised } from '../values/email.ts'
import { users, type Role } from './contract.ts'
import { handler } from './parts.ts'
import { hashed } from './password.ts'

/** Whoever registers is a customer; more is granted by the staff. */
const first: Role[] = ['customer']

export const register = handler(users.register, async ({ email: given, name, password }, { now, transact }) => {
  // not `id()`: those who have no name yet share their keys, and what follows from a key has to be one person's
  const [userId, email, registered] = [randomUUID(), normalised(given), now()]
  const hash = await hashed(password)
  return transact(async (tx) => {
    const added = await tx.db
      .insertInto('account')
      .values({ user_id: userId, email, name, password: hash, roles: first, registered_at: registered })
      .onConflict((conflict) => conflict.column('email').doNothing())
      .returning('user_id')
      .executeTakeFirst()
    if (!added) throw users.register.errors.EmailTaken({ email })
    tx.emit(users.Registered({ userId, email, name }), { key: userId })
    return { userId }
  })
})
