import type { Applied, RunSql } from 'banyan/types'
import type { Money } from '../values/money.ts'
import { projection } from './parts.ts'
import { payment } from './payment.ts'

interface Moved {
  readonly amount: Money
}

/** Every movement of money, never changed. */
export const paymentLedger = projection('payment_ledger', { version: 1 }, (on) => [
  on.many(payment.events.Captured, (captured, { query }) => book(query, 'captured', captured, ({ chargeId }) => chargeId)),
  on.many(payment.events.Refunded, (refunded, { query }) => book(query, 'refunded', refunded, ({ refundId }) => refundId)),
])

function book<Data extends Moved>(query: RunSql, kind: 'captured' | 'refunded', moved: readonly Applied<Data>[], reference: (data: Data) => string) {
  return query(
    `insert into payment_ledger (id, order_id, reference, cents, at, kind) select *, '${kind}' from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::timestamptz[])`,
    [
      moved.map(({ event }) => event.id),
      moved.map(({ event }) => event.key),
      moved.map(({ data }) => reference(data)),
      moved.map(({ data }) => data.amount.amount),
      moved.map(({ event }) => event.at),
    ],
  )
}
