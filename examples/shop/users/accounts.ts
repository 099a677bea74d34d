import type { Kysely } from 'kysely'
import { normalised } from '../values/email.ts'
import { users } from './contract.ts'
import { handler } from './parts.ts'
import { addressOf, type AccountRow, type Tables } from './tables.ts'

type Reads = Pick<Kysely<Tables>, 'selectFrom'>

export const me = handler(users.me, async (_input, { db, identity }) => {
  const found = await account(db, 'user_id', identity.subject)
  if (!found) throw users.me.errors.NotFound({})
  return described(db, found)
})

export const byId = handler(users.byId, async ({ userId }, { db }) => {
  const found = await account(db, 'user_id', userId)
  if (!found) throw users.byId.errors.NotFound({ userId })
  return described(db, found)
})

export const byEmail = handler(users.byEmail, async ({ email }, { db }) => {
  const found = await account(db, 'email', normalised(email))
  if (!found) throw users.byEmail.errors.NotFound({ email })
  return described(db, found)
})

function account(db: Reads, column: 'user_id' | 'email', value: string): Promise<AccountRow | undefined> {
  return db.selectFrom('account').selectAll().where(column, '=', value).executeTakeFirst()
}

async function described(db: Reads, { user_id, email, name, roles }: AccountRow) {
  const rows = await db.selectFrom('address').selectAll().where('user_id', '=', user_id).orderBy('label').execute()
  return { userId: user_id, email, name, roles, addresses: rows.map(addressOf) }
}
