import { randomUUID } from 'node:crypto'
import { normalised } from '../values/email.ts'
import { ask } from './challenge.ts'
import { users } from './contract.ts'
import { handler } from './parts.ts'
import { decoy, hashed, isOutdated, matches } from './password.ts'
import { secondFactor } from './second-factor.ts'
import { begin, BY_PASSWORD } from './session.ts'

/** A stranger waits as long for the refusal as somebody who mistyped. */
export const logIn = handler(users.logIn, async ({ email, password }, { db, now, transact }) => {
  const found = await db.selectFrom('account').selectAll().where('email', '=', normalised(email)).executeTakeFirst()
  const right = await matches(password, found?.password ?? decoy)
  if (!found || !right) throw users.logIn.errors.WrongCredentials({})
  const anew = isOutdated(found.password) ? await hashed(password) : undefined
  const [sessionId, time] = [randomUUID(), now()]
  return transact(async (tx) => {
    if (anew !== undefined)
      // unless the password was changed meanwhile
      await tx.db.updateTable('account').set({ password: anew }).where('user_id', '=', found.user_id).where('password', '=', found.password).execute()
    const { state } = await tx.load(secondFactor, found.user_id)
    return state.status === 'on' ? ask(tx.db, found.user_id, time) : begin(tx.db, found, { sessionId, amr: BY_PASSWORD }, time)
  })
})
