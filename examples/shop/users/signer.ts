import type { Kysely, Selectable } from 'kysely'
import { users } from './contract.ts'
import { handler } from './parts.ts'
import { AHEAD_MS, newKey, published, signing } from './signing-keys.ts'
import type { Tables } from './tables.ts'

type KeyRow = Selectable<Tables['signing_key']>

/** The key to sign with now; the first one is made when it is needed. */
export async function signer(db: Kysely<Tables>, now: Date): Promise<KeyRow> {
  return signing(await all(db), now) ?? made(db, 1, new Date(0))
}

/** Makes a generation of keys, unless another process did so first: then that one counts. */
async function made(db: Kysely<Tables>, generation: number, from: Date): Promise<KeyRow> {
  const key = { ...(await newKey()), generation, signs_from: from }
  await db
    .insertInto('signing_key')
    .values(key)
    .onConflict((conflict) => conflict.column('generation').doNothing())
    .execute()
  return db.selectFrom('signing_key').selectAll().where('generation', '=', generation).executeTakeFirstOrThrow()
}

function all(db: Pick<Kysely<Tables>, 'selectFrom'>): Promise<KeyRow[]> {
  return db.selectFrom('signing_key').selectAll().orderBy('generation').execute()
}

export const keys = handler(users.keys, async (_input, { db, now }) => ({
  keys: published(await all(db), now()).map(({ public_jwk }) => public_jwk),
}))

export const rotateKeys = handler(users.rotateKeys, async (_input, { now, transact }) => {
  const time = now()
  return transact(async (tx) => {
    const last = (await all(tx.db)).at(-1)
    const next = last ? await made(tx.db, last.generation + 1, new Date(time.getTime() + AHEAD_MS)) : await made(tx.db, 1, new Date(0))
    return { kid: next.kid }
  })
})
