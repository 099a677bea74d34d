import { projection } from './parts.ts'
import { payment } from './payment.ts'

/** Every movement of money, never changed. */
export const paymentLedger = projection('payment_ledger', { version: 1 }, (on) => [
  on(payment.events.Captured, ({ amount }, { db, event }) =>
    db.insertInto('payment_ledger').values({ id: event.id, order_id: event.key, kind: 'captured', cents: amount.amount, at: event.at }).execute(),
  ),
  on(payment.events.Refunded, ({ amount }, { db, event }) =>
    db.insertInto('payment_ledger').values({ id: event.id, order_id: event.key, kind: 'refunded', cents: amount.amount, at: event.at }).execute(),
  ),
])
