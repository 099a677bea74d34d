import { euros } from '../values/money.ts'
import { orders } from './contract.ts'
import type { LineRefusal } from './invoice-document.ts'
import type { Reason } from './contract.ts'
import { handler } from './parts.ts'

export const ledger = handler(orders.ledger, async (_input, { db, query }) => {
  const counts = await db
    .selectFrom('order_view')
    .select(({ fn }) => ['status', fn.countAll().as('count')])
    .groupBy('status')
    .execute()
  const [total] = await query<{ cents: string }>(
    `select coalesce(sum(case side when 'ordered' then amount else -amount end), 0) * 100 as cents from figure
     where dimension = 'all' and side in ('ordered', 'cancelled', 'returned')`,
  )
  const sold = await query<{ sku: string; ordered: string; cancelled: string; returned: string }>(
    `select key as sku, coalesce(sum(quantity) filter (where side = 'ordered'), 0) as ordered,
       coalesce(sum(quantity) filter (where side = 'cancelled'), 0) as cancelled, coalesce(sum(quantity) filter (where side = 'returned'), 0) as returned
     from figure where dimension = 'product' and side in ('ordered', 'cancelled', 'returned') group by key order by key`,
  )
  const count = (...statuses: string[]) => counts.filter(({ status }) => statuses.includes(status)).reduce((total, { count }) => total + Number(count), 0)
  return {
    open: count('placed', 'reserved'),
    confirmed: count('confirmed'),
    shipped: count('shipped'),
    cancelled: count('cancelled'),
    total: euros(Number(total!.cents)),
    sold: sold.map(({ sku, ordered, cancelled, returned }) => ({ sku, ordered: Number(ordered), cancelled: Number(cancelled), returned: Number(returned) })),
  }
})

export const received = handler(orders.received, async (_input, { query }) => {
  const kinds = await query<{ side: 'sale' | 'credit' | 'adjustment'; documents: string }>(
    `select side, documents from figure where dimension = 'all' and side in ('sale', 'credit', 'adjustment')`,
  )
  const [all] = await query<{ lines: string; quantity: string; amount: string }>(
    `select coalesce(sum(lines), 0) as lines, coalesce(sum(quantity), 0) as quantity, coalesce(sum(amount), 0.000)::text as amount from figure
     where dimension = 'all' and side in ('sale', 'credit', 'adjustment')`,
  )
  const reasons = await query<{ reason: 'accepted' | LineRefusal | Reason; side: string; lines: string }>(
    `select key as reason, case side when 'lost' then side else 'received' end as side, sum(lines) as lines from figure
     where dimension = 'reason' group by 1, 2 order by 1`,
  )
  const documents = (kind: string) => Number(kinds.find(({ side }) => side === kind)?.documents ?? 0)
  const lost = reasons.filter(({ side }) => side === 'lost').reduce((total, { lines }) => total + Number(lines), 0)
  return {
    invoices: { sale: documents('sale'), credit: documents('credit'), adjustment: documents('adjustment') },
    lines: Number(all!.lines),
    accepted: Number(reasons.find(({ reason }) => reason === 'accepted')?.lines ?? 0) - lost,
    refused: reasons.flatMap(({ reason, lines }) => (reason === 'accepted' ? [] : [{ reason, lines: Number(lines) }])),
    quantity: Number(all!.quantity),
    amount: all!.amount,
  }
})
