import type { Kysely } from 'kysely'
import { users } from '../users/contract.ts'
import { mailer } from './mailer.ts'
import { on } from './parts.ts'
import type { Tables } from './tables.ts'

interface About {
  readonly userId: string
  readonly email: string
  readonly name: string
}

/** Who can be written to. */
export const recipients = [users.Registered, users.Changed].map((event) =>
  on(event, (about, { transact }) =>
    transact(async (tx) => {
      for (const notificationId of await learn(tx.db, about)) tx.send.notifications.deliver({ notificationId })
    }),
  ),
)

/**
 * What is known of a customer, held until the transaction ends: a letter that is being written and an address that is being learned wait
 * for each other, so that one of them sees the other.
 */
export function claim(db: Kysely<Tables>, customerId: string): Promise<Pick<Tables['recipient'], 'email' | 'name'>> {
  return db
    .insertInto('recipient')
    .values({ customer_id: customerId, email: null, name: null })
    .onConflict((conflict) => conflict.column('customer_id').doUpdateSet({ customer_id: customerId }))
    .returning(['email', 'name'])
    .executeTakeFirstOrThrow()
}

/** Writes an address down; answers what had to wait for it, since orders may be heard of before their customer is. */
async function learn(db: Kysely<Tables>, { userId, email, name }: About): Promise<string[]> {
  const before = await claim(db, userId)
  await db.updateTable('recipient').set({ email, name }).where('customer_id', '=', userId).execute()
  if (!mailer || before.email !== null) return []
  const waiting = await db.selectFrom('outbox').select('notification_id').where('customer_id', '=', userId).where('sent_at', 'is', null).execute()
  return waiting.map(({ notification_id }) => notification_id)
}
