import type { Kysely } from 'kysely'
import { orders } from '../orders/contract.ts'
import { shipping } from '../shipping/contract.ts'
import { GUEST } from '../values/guest.ts'
import { euros } from '../values/money.ts'
import { cancelled, confirmed, dispatched, type Compose, type Order } from './letters.ts'
import { mailer } from './mailer.ts'
import { on } from './parts.ts'
import { claim } from './recipients.ts'
import type { Tables } from './tables.ts'

/** What customers are told of their orders. An order's own events come in order, so what it holds is known when there is something to tell. */
export const orderLetters = [
  on(orders.Placed, ({ orderId, customerId, items, total }, { transact }) =>
    transact((tx) =>
      tx.db
        .insertInto('heard_order')
        .values({ order_id: orderId, customer_id: customerId, items: JSON.stringify(items), total_cents: total.amount })
        .execute(),
    ),
  ),
  on(orders.Confirmed, ({ orderId, customerId }, { event, id, transact }) => {
    const notificationId = id()
    return transact(async (tx) => {
      const compose = confirmed(await heard(tx.db, orderId))
      const written = await write(tx.db, { notificationId, customerId, compose, at: event.at })
      if (written && mailer) tx.send.notifications.deliver({ notificationId })
    })
  }),
  on(orders.Cancelled, ({ orderId, customerId, reason }, { event, id, transact }) => {
    const notificationId = id()
    return transact(async (tx) => {
      const compose = cancelled(await heard(tx.db, orderId), reason)
      const written = await write(tx.db, { notificationId, customerId, compose, at: event.at })
      if (written && mailer) tx.send.notifications.deliver({ notificationId })
    })
  }),
  // shipping may be heard before orders is, so this rests on nothing else
  on(shipping.Dispatched, ({ orderId, customerId, tracking, items }, { event, id, transact }) => {
    const notificationId = id()
    return transact(async (tx) => {
      const compose = dispatched({ orderId, tracking, items })
      const written = await write(tx.db, { notificationId, customerId, compose, at: event.at })
      if (written && mailer) tx.send.notifications.deliver({ notificationId })
    })
  }),
]

interface ToWrite {
  readonly notificationId: string
  readonly customerId: string
  readonly compose: Compose
  readonly at: Date
}

/** Puts a letter into the outbox; false where there is nobody to read it. */
async function write(db: Kysely<Tables>, { notificationId, customerId, compose, at }: ToWrite): Promise<boolean> {
  if (customerId === GUEST) return false
  const { name } = await claim(db, customerId)
  await db
    .insertInto('outbox')
    .values({ notification_id: notificationId, customer_id: customerId, ...compose(name), written_at: at, sent_at: null, sent_to: null, refusal: null })
    .execute()
  return true
}

async function heard(db: Kysely<Tables>, orderId: string): Promise<Order> {
  const { items, total_cents } = await db.selectFrom('heard_order').selectAll().where('order_id', '=', orderId).executeTakeFirstOrThrow()
  return { orderId, items, total: euros(Number(total_cents)) }
}
