import { randomUUID } from 'node:crypto'
import type { Kysely } from 'kysely'
import { users, type Challenge, type Tokens } from './contract.ts'
import { handler } from './parts.ts'
import { proofOf } from './proof.ts'
import { hashOf, newRefreshToken } from './refresh-token.ts'
import { pauseOf, secondFactor } from './second-factor.ts'
import { begin, WITH_SECOND_FACTOR } from './session.ts'
import type { Tables } from './tables.ts'

/** How long somebody has to look at their phone, in seconds. */
const LIFETIME_S = 300
/** Wrong codes that a challenge bears; whoever mistypes more gives the password again. */
const MOST_WRONG = 3

/** What a wrong code commits as its answer. Nobody gets it: the refusal is thrown once it is committed that a code was tried. */
const none: Tokens = { accessToken: '', expiresIn: 0, refreshToken: '' }

/** Asks for a second factor; what is left of challenges that nobody answered goes. */
export async function ask(db: Kysely<Tables>, userId: string, now: Date): Promise<Challenge> {
  await db.deleteFrom('challenge').where('user_id', '=', userId).where('expires_at', '<', now).execute()
  const challenge = newRefreshToken()
  await db
    .insertInto('challenge')
    .values({ hash: hashOf(challenge), user_id: userId, expires_at: new Date(now.getTime() + LIFETIME_S * 1_000), wrong: 0 })
    .execute()
  return { challenge, expiresIn: LIFETIME_S }
}

/** A right code ends the challenge, is used up itself, and begins a session, in one transaction. */
export const answerChallenge = handler(users.answerChallenge, async ({ challenge, code }, { now, transact }) => {
  const { ChallengeRefused, TooManyTries, WrongCode } = users.answerChallenge.errors
  const [hash, sessionId, time] = [hashOf(challenge), randomUUID(), now()]
  const tokens = await transact(async (tx) => {
    const who = await claimed(tx.db, hash, time)
    if (!who) throw ChallengeRefused({})
    const { state } = await tx.load(secondFactor, who.user_id)
    const pause = pauseOf(state, time)
    if (pause > 0) throw TooManyTries({ seconds: pause })
    const proof = await proofOf(tx.db, { userId: who.user_id, code, now: time, after: state.lastStep })
    if (!proof) {
      await tx.decide(secondFactor, who.user_id).refuse({ at: time.toISOString() })
      await countWrong(tx.db, hash)
      return none
    }
    await tx.decide(secondFactor, who.user_id).accept(proof)
    await tx.db.deleteFrom('challenge').where('hash', '=', hash).execute()
    return begin(tx.db, who, { sessionId, amr: WITH_SECOND_FACTOR }, time)
  })
  if (tokens === none) throw WrongCode({})
  return tokens
})

/** Whose challenge it is; whoever answers the same one meanwhile waits. */
function claimed(db: Kysely<Tables>, hash: string, now: Date) {
  return db
    .selectFrom('challenge')
    .innerJoin('account', 'account.user_id', 'challenge.user_id')
    .select(['account.user_id', 'account.roles'])
    .where('challenge.hash', '=', hash)
    .where('challenge.expires_at', '>', now)
    .forUpdate('challenge')
    .executeTakeFirst()
}

async function countWrong(db: Kysely<Tables>, hash: string): Promise<void> {
  await db
    .updateTable('challenge')
    .set((row) => ({ wrong: row('wrong', '+', 1) }))
    .where('hash', '=', hash)
    .execute()
  await db.deleteFrom('challenge').where('hash', '=', hash).where('wrong', '>=', MOST_WRONG).execute()
}
