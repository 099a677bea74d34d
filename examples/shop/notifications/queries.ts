import type { Kysely } from 'kysely'
import { cut } from '../values/page.ts'
import { notifications } from './contract.ts'
import { handler } from './parts.ts'
import type { Tables } from './tables.ts'

interface Part {
  readonly after?: string | undefined
  readonly limit: number
  /** Only what this customer was told. */
  readonly customerId?: string
}

export const mine = handler(notifications.mine, async ({ after, limit }, { db, identity }) =>
  cut(await newest(db, { after, limit, customerId: identity.subject }), limit, ({ notificationId }) => notificationId),
)

export const outbox = handler(notifications.outbox, async ({ after, limit }, { db }) =>
  cut(await newest(db, { after, limit }), limit, ({ notificationId }) => notificationId),
)

async function newest(db: Pick<Kysely<Tables>, 'selectFrom'>, { after, limit, customerId }: Part) {
  const all = db.selectFrom('outbox').innerJoin('recipient', 'recipient.customer_id', 'outbox.customer_id')
  const own = customerId === undefined ? all : all.where('outbox.customer_id', '=', customerId)
  const last = after === undefined ? undefined : await own.select(['written_at', 'notification_id']).where('notification_id', '=', after).executeTakeFirst()
  const older = last
    ? own.where(({ eb, refTuple, tuple }) => eb(refTuple('written_at', 'notification_id'), '<', tuple(last.written_at, last.notification_id)))
    : own
  const rows = await older
    .select(['notification_id', 'outbox.customer_id', 'subject', 'text', 'written_at', 'sent_at', 'sent_to', 'email', 'refusal'])
    .orderBy('written_at', 'desc')
    .orderBy('notification_id', 'desc')
    .limit(limit + 1)
    .execute()
  return rows.map(({ notification_id, customer_id, subject, text, written_at, sent_at, sent_to, email, refusal }) => ({
    notificationId: notification_id,
    customerId: customer_id,
    address: sent_to ?? email,
    subject,
    text,
    writtenAt: written_at.toISOString(),
    sentAt: sent_at?.toISOString() ?? null,
    refusal,
  }))
}
