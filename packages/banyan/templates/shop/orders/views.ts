import { order } from './order.ts'
import { projection } from './parts.ts'

/** Every order as its customer sees it in a list: each event is applied once, in the order of its order. */
export const orderView = projection('order_view', { version: 1 }, (on) => [
  on(order.events.Placed, ({ customerId, total }, { db, event }) =>
    db.insertInto('order_view').values({ order_id: event.key, customer_id: customerId, status: 'placed', total }).execute(),
  ),
  on(order.events.Paid, (_paid, { db, event }) => db.updateTable('order_view').set({ status: 'paid' }).where('order_id', '=', event.key).execute()),
  on(order.events.Declined, (_declined, { db, event }) => db.updateTable('order_view').set({ status: 'declined' }).where('order_id', '=', event.key).execute()),
])
