import type { Kysely } from 'kysely'
import { accessToken, LIFETIME_S } from './access-token.ts'
import type { Tokens } from './contract.ts'
import { hashOf, LIFETIME_MS, LONGEST_MS, newRefreshToken } from './refresh-token.ts'
import { signer } from './signer.ts'
import type { AccountRow, Tables } from './tables.ts'

type Who = Pick<AccountRow, 'user_id' | 'roles'>
type Session = Pick<Tables['session'], 'session_id' | 'started_at' | 'amr'>

/** How somebody has shown who they are, in the names of RFC 8176. */
export const BY_PASSWORD: readonly string[] = ['pwd']
export const WITH_SECOND_FACTOR: readonly string[] = ['pwd', 'otp', 'mfa']

/** Begins a session and answers its first tokens; what is left of sessions that are over goes. */
export async function begin(
  db: Kysely<Tables>,
  who: Who,
  { sessionId, amr }: { readonly sessionId: string; readonly amr: readonly string[] },
  now: Date,
): Promise<Tokens> {
  await db.deleteFrom('session').where('user_id', '=', who.user_id).where('expires_at', '<', now).execute()
  await db
    .insertInto('session')
    .values({ session_id: sessionId, user_id: who.user_id, started_at: now, expires_at: expiry(now, now), ended_at: null, amr: [...amr] })
    .execute()
  return tokens(db, { ...who, amr }, sessionId, now)
}

/** The next tokens of a session, which lasts longer by that, though not for ever. */
export async function goOn(db: Kysely<Tables>, who: Who, session: Session, now: Date): Promise<Tokens> {
  const { session_id: sessionId, started_at: started, amr } = session
  await db
    .updateTable('session')
    .set({ expires_at: expiry(now, started) })
    .where('session_id', '=', sessionId)
    .execute()
  return tokens(db, { ...who, amr }, sessionId, now)
}

/** Ends the session that a refresh token belongs to, if there is one. */
export async function end(db: Kysely<Tables>, sessionId: string, now: Date): Promise<void> {
  await db.updateTable('session').set({ ended_at: now }).where('session_id', '=', sessionId).where('ended_at', 'is', null).execute()
}

async function tokens(db: Kysely<Tables>, who: Who & { readonly amr: readonly string[] }, sessionId: string, now: Date): Promise<Tokens> {
  const refreshToken = newRefreshToken()
  await db
    .insertInto('refresh_token')
    .values({ hash: hashOf(refreshToken), session_id: sessionId, used_at: null })
    .execute()
  return { accessToken: await accessToken(who, await signer(db, now), now), expiresIn: LIFETIME_S, refreshToken }
}

function expiry(now: Date, started: Date): Date {
  return new Date(Math.min(now.getTime() + LIFETIME_MS, started.getTime() + LONGEST_MS))
}
