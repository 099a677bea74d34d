import { totp } from 'banyan/security'
import { issuer } from '../values/issuer.ts'
import { users } from './contract.ts'
import { fields, secretPlace } from './field-encryption.ts'
import { handler } from './parts.ts'
import { matches } from './password.ts'
import { newRecoveryCodes, proofOf, stepOf } from './proof.ts'
import { pauseOf, secondFactor } from './second-factor.ts'

/** A secret for an authenticator app, told once. It counts when a first code has shown that the app has it. */
export const enrolSecondFactor = handler(users.enrolSecondFactor, async ({ password }, { db, identity, transact }) => {
  const { NotFound, WrongPassword } = users.enrolSecondFactor.errors
  const userId = identity.subject
  const own = await db.selectFrom('account').select(['email', 'password']).where('user_id', '=', userId).executeTakeFirst()
  if (!own) throw NotFound({})
  if (!(await matches(password, own.password))) throw WrongPassword({})
  const secret = totp.secret()
  return transact(async (tx) => {
    await tx.decide(secondFactor, userId).enrol()
    const encrypted = fields.encrypt(secret, secretPlace(userId))
    await tx.db
      .insertInto('second_factor')
      .values({ user_id: userId, secret: encrypted })
      .onConflict((conflict) => conflict.column('user_id').doUpdateSet({ secret: encrypted }))
      .execute()
    return { secret, uri: totp.uri({ secret, issuer: issuer.issuer, account: own.email }) }
  })
})

export const confirmSecondFactor = handler(users.confirmSecondFactor, async ({ code }, { identity, now, transact }) => {
  const { NotEnrolled, TooManyTries, WrongCode } = users.confirmSecondFactor.errors
  const [userId, time] = [identity.subject, now()]
  const confirmed = await transact(async (tx) => {
    const { state } = await tx.load(secondFactor, userId)
    if (state.status !== 'enrolled') throw NotEnrolled({})
    const pause = pauseOf(state, time)
    if (pause > 0) throw TooManyTries({ seconds: pause })
    const step = await stepOf(tx.db, { userId, code, now: time, after: state.lastStep })
    if (step === undefined) {
      await tx.decide(secondFactor, userId).refuse({ at: time.toISOString() })
      return { recoveryCodes: [] }
    }
    const recoveryCodes = await newRecoveryCodes(tx.db, userId)
    await tx.decide(secondFactor, userId).confirm({ step, recoveryCodes: recoveryCodes.length })
    return { recoveryCodes: [...recoveryCodes] }
  })
  // once it is committed that a code was tried
  if (confirmed.recoveryCodes.length === 0) throw WrongCode({})
  return confirmed
})

/** The secret and the recovery codes go; whoever wants it again begins with a new secret. */
export const disableSecondFactor = handler(users.disableSecondFactor, async ({ code }, { identity, now, transact }) => {
  const { NotOn, TooManyTries, WrongCode } = users.disableSecondFactor.errors
  const [userId, time] = [identity.subject, now()]
  let disabled = false
  await transact(async (tx) => {
    const { state } = await tx.load(secondFactor, userId)
    if (state.status !== 'on') throw NotOn({})
    const pause = pauseOf(state, time)
    if (pause > 0) throw TooManyTries({ seconds: pause })
    disabled = (await proofOf(tx.db, { userId, code, now: time, after: state.lastStep })) !== undefined
    if (!disabled) return tx.decide(secondFactor, userId).refuse({ at: time.toISOString() })
    await tx.decide(secondFactor, userId).disable()
    for (const table of ['second_factor', 'recovery_code', 'challenge'] as const) await tx.db.deleteFrom(table).where('user_id', '=', userId).execute()
  })
  if (!disabled) throw WrongCode({})
})

export const mySecondFactor = handler(users.mySecondFactor, async (_input, { identity, load }) => {
  const { state } = await load(secondFactor, identity.subject)
  return { on: state.status === 'on', recoveryCodes: state.recoveryCodes }
})
