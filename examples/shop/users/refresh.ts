import type { Kysely } from 'kysely'
import { users, type Tokens } from './contract.ts'
import { handler } from './parts.ts'
import { graceMs, hashOf } from './refresh-token.ts'
import { end, goOn } from './session.ts'
import type { Tables } from './tables.ts'

/** What a refusal commits as its answer. Nobody gets it: the refusal is thrown once the session's end is committed. */
const none: Tokens = { accessToken: '', expiresIn: 0, refreshToken: '' }

/**
 * Rotation with reuse detection (RFC 9700 §4.14.2): a token that was used already, longer than a moment ago, is in two hands, and nobody can tell which is the thief's,
 * so the session ends for both. A client that lost the answer repeats under its Idempotency-Key, which ends nothing.
 */
export const refresh = handler(users.refresh, async ({ refreshToken }, { now, transact }) => {
  const time = now()
  const tokens = await transact(async (tx) => {
    const found = await claimed(tx.db, hashOf(refreshToken))
    if (!found || found.ended_at !== null || found.expires_at <= time) return none
    // of two at the same time the later may have looked at its clock first
    if (found.used_at !== null && Math.max(0, time.getTime() - found.used_at.getTime()) >= graceMs()) {
      await end(tx.db, found.session_id, time)
      return none
    }
    if (found.used_at === null) await tx.db.updateTable('refresh_token').set({ used_at: time }).where('hash', '=', hashOf(refreshToken)).execute()
    return goOn(tx.db, found, found, time)
  })
  if (tokens === none) throw users.refresh.errors.RefreshRefused({})
  return tokens
})

/** A token with its session and its owner; whoever else has it, or ends the session, waits. */
function claimed(db: Kysely<Tables>, hash: string) {
  return db
    .selectFrom('refresh_token')
    .innerJoin('session', 'session.session_id', 'refresh_token.session_id')
    .innerJoin('account', 'account.user_id', 'session.user_id')
    .select([
      'session.session_id',
      'session.ended_at',
      'session.expires_at',
      'session.started_at',
      'session.amr',
      'refresh_token.used_at',
      'account.user_id',
      'account.roles',
    ])
    .where('refresh_token.hash', '=', hash)
    .forUpdate(['session', 'refresh_token'])
    .executeTakeFirst()
}
