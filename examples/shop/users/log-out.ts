import { users } from './contract.ts'
import { handler } from './parts.ts'
import { hashOf } from './refresh-token.ts'
import { end } from './session.ts'

/** Logging out twice, or with a token that is unknown, is logging out. */
export const logOut = handler(users.logOut, async ({ refreshToken }, { now, transact }) => {
  const time = now()
  await transact(async (tx) => {
    const found = await tx.db.selectFrom('refresh_token').select('session_id').where('hash', '=', hashOf(refreshToken)).executeTakeFirst()
    if (found) await end(tx.db, found.session_id, time)
  })
})
