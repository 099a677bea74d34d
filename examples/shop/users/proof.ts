import { recoveryCodes, totp } from 'banyan/security'
import type { Kysely } from 'kysely'
import { fields, secretPlace } from './field-encryption.ts'
import type { Proof } from './second-factor.ts'
import type { Tables } from './tables.ts'

interface Shown {
  readonly userId: string
  /** Six digits of the app, or a recovery code. */
  readonly code: string
  readonly now: Date
  /** The step of the code accepted last. */
  readonly after: number
}

/** What a code proves; a recovery code is used up by it. `undefined`: it is wrong, too old or used. */
export async function proofOf(db: Kysely<Tables>, { userId, code, now, after }: Shown): Promise<Proof | undefined> {
  if (!isOfTheApp(code)) return usedUp(db, userId, code)
  const step = await stepOf(db, { userId, code, now, after })
  return step === undefined ? undefined : { step }
}

/** The step of a code of the app. */
export async function stepOf(db: Kysely<Tables>, { userId, code, now, after }: Shown): Promise<number | undefined> {
  const found = await db.selectFrom('second_factor').select('secret').where('user_id', '=', userId).executeTakeFirst()
  return found && totp.verify({ secret: fields.decrypt(found.secret, secretPlace(userId)), code: plain(code), now, after })
}

/** Ten codes in place of those there were; only their hashes are kept. */
export async function newRecoveryCodes(db: Kysely<Tables>, userId: string): Promise<readonly string[]> {
  const { codes, hashes } = recoveryCodes.issue()
  await db.deleteFrom('recovery_code').where('user_id', '=', userId).execute()
  await db
    .insertInto('recovery_code')
    .values(hashes.map((hash) => ({ user_id: userId, hash })))
    .execute()
  return codes
}

async function usedUp(db: Kysely<Tables>, userId: string, code: string): Promise<Proof | undefined> {
  const removed = await db.deleteFrom('recovery_code').where('user_id', '=', userId).where('hash', '=', recoveryCodes.hash(code)).executeTakeFirst()
  if (removed.numDeletedRows === 0n) return undefined
  const { left } = await db
    .selectFrom('recovery_code')
    .select((row) => row.fn.countAll<string>().as('left'))
    .where('user_id', '=', userId)
    .executeTakeFirstOrThrow()
  return { left: Number(left) }
}

function isOfTheApp(code: string): boolean {
  return /^\d{6}$/.test(plain(code))
}

/** As it was made, however somebody has typed it. */
function plain(code: string): string {
  return code.replaceAll(/[\s-]/g, '')
}
