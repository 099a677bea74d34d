import type { Kysely } from 'kysely'
import { orders } from '../orders/contract.ts'
import { euros } from '../values/money.ts'
import { cancelled, confirmed, type Compose } from './letters.ts'
import { mailer } from './mailer.ts'
import { on } from './parts.ts'
import { claim } from './recipients.ts'
import type { Tables } from './tables.ts'

/** What customers are told of their orders. An order's events come in order, so it is known when there is something to tell. */
export const orderLetters = [
  on(orders.Placed, ({ orderId, customerId, items, total }, { transact }) =>
    transact((tx) =>
      tx.db
        .insertInto('heard_order')
        .values({ order_id: orderId, customer_id: customerId, items: JSON.stringify(items), total_cents: total.amount })
        .execute(),
    ),
  ),
  on(orders.Confirmed, ({ orderId }, { event, id, transact }) => {
    const notificationId = id()
    return transact(async (tx) => {
      await write(tx.db, { notificationId, orderId, compose: confirmed, at: event.at })
      if (mailer) tx.send.notifications.deliver({ notificationId })
    })
  }),
  on(orders.Cancelled, ({ orderId, reason }, { event, id, transact }) => {
    const notificationId = id()
    return transact(async (tx) => {
      await write(tx.db, { notificationId, orderId, compose: cancelled(reason), at: event.at })
      if (mailer) tx.send.notifications.deliver({ notificationId })
    })
  }),
]

interface ToWrite {
  readonly notificationId: string
  readonly orderId: string
  readonly compose: Compose
  readonly at: Date
}

/** Puts a letter to an order's customer into the outbox. */
async function write(db: Kysely<Tables>, { notificationId, orderId, compose, at }: ToWrite): Promise<void> {
  const order = await db.selectFrom('heard_order').selectAll().where('order_id', '=', orderId).executeTakeFirstOrThrow()
  const { name } = await claim(db, order.customer_id)
  const letter = compose({ orderId, items: order.items, total: euros(Number(order.total_cents)) }, name)
  await db
    .insertInto('outbox')
    .values({ notification_id: notificationId, customer_id: order.customer_id, ...letter, written_at: at, sent_at: null, sent_to: null, refusal: null })
    .execute()
}
