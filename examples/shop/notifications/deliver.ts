import { notifications } from './contract.ts'
import { mailer } from './mailer.ts'
import { handler } from './parts.ts'

/** Sends, then writes it down: a process that dies in between sends the same mail again. A mail without an address waits until one is learned. */
export const deliver = handler(notifications.deliver, async ({ notificationId }, { db, now, signal, transact }) => {
  const mail = await db
    .selectFrom('outbox')
    .innerJoin('recipient', 'recipient.customer_id', 'outbox.customer_id')
    .selectAll()
    .where('notification_id', '=', notificationId)
    .where('sent_at', 'is', null)
    .where('refusal', 'is', null)
    .executeTakeFirst()
  if (!mailer || !mail || mail.email === null) return
  const [address, { subject, text, written_at: date }] = [mail.email, mail]
  const { refusal } = await mailer.send({ id: notificationId, to: { name: mail.name ?? '', address }, subject, text, date }, signal)
  const outcome = refusal === null ? { sent_at: now(), sent_to: address } : { refusal }
  await transact((tx) => tx.db.updateTable('outbox').set(outcome).where('notification_id', '=', notificationId).where('sent_at', 'is', null).execute())
})
