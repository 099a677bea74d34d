import type { Kysely } from 'kysely'
import { accessToken, LIFETIME_S } from './access-token.ts'
import type { Tokens } from './contract.ts'
import { hashOf, LIFETIME_MS, newRefreshToken } from './refresh-token.ts'
import { signer } from './signer.ts'
import type { AccountRow, Tables } from './tables.ts'

type Who = Pick<AccountRow, 'user_id' | 'roles'>

/** Begins a session and answers its first tokens; what is left of sessions that are over goes. */
export async function begin(db: Kysely<Tables>, who: Who, sessionId: string, now: Date): Promise<Tokens> {
  await db.deleteFrom('session').where('user_id', '=', who.user_id).where('expires_at', '<', now).execute()
  await db
    .insertInto('session')
    .values({ session_id: sessionId, user_id: who.user_id, started_at: now, expires_at: expiry(now), ended_at: null })
    .execute()
  return tokens(db, who, sessionId, now)
}

/** The next tokens of a session, which lasts longer by that. */
export async function goOn(db: Kysely<Tables>, who: Who, sessionId: string, now: Date): Promise<Tokens> {
  await db
    .updateTable('session')
    .set({ expires_at: expiry(now) })
    .where('session_id', '=', sessionId)
    .execute()
  return tokens(db, who, sessionId, now)
}

/** Ends the session that a refresh token belongs to, if there is one. */
export async function end(db: Kysely<Tables>, sessionId: string, now: Date): Promise<void> {
  await db.updateTable('session').set({ ended_at: now }).where('session_id', '=', sessionId).where('ended_at', 'is', null).execute()
}

async function tokens(db: Kysely<Tables>, who: Who, sessionId: string, now: Date): Promise<Tokens> {
  const refreshToken = newRefreshToken()
  await db
    .insertInto('refresh_token')
    .values({ hash: hashOf(refreshToken), session_id: sessionId, used_at: null })
    .execute()
  return { accessToken: await accessToken(who, await signer(db, now), now), expiresIn: LIFETIME_S, refreshToken }
}

function expiry(now: Date): Date {
  return new Date(now.getTime() + LIFETIME_MS)
}
