import { itemsOf } from '../values/counts.ts'
import { cut } from '../values/page.ts'
import { consignment } from './consignment.ts'
import { shipping } from './contract.ts'
import { handler } from './parts.ts'

/** From the log itself, so that what was just sent is in it. */
export const byOrder = handler(shipping.byOrder, async ({ orderId }, { load }) => {
  const { to, left, parcels } = (await load(consignment, orderId)).state
  if (!to) throw shipping.byOrder.errors.NotFound({ orderId })
  return { orderId, ...to, toSend: itemsOf(left), parcels: [...parcels] }
})

export const track = handler(shipping.track, async ({ tracking }, { db }) => {
  const row = await db.selectFrom('parcel').select(['dispatched_at', 'delivered_at']).where('tracking', '=', tracking).executeTakeFirst()
  if (!row) throw shipping.track.errors.NotFound({ tracking })
  const { dispatched_at, delivered_at } = row
  const status = delivered_at ? 'delivered' : 'on its way'
  return { tracking, status, dispatchedAt: dispatched_at.toISOString(), deliveredAt: delivered_at?.toISOString() ?? null } as const
})

export const open = handler(shipping.open, async ({ after = '', limit }, { db }) => {
  const rows = await db
    .selectFrom('shipment')
    .selectAll()
    .where('to_send', '>', '0')
    .where('order_id', '>', after)
    .orderBy('order_id')
    .limit(limit + 1)
    .execute()
  const items = rows.map(({ order_id, customer_id, country, ship, to_send, parcels }) => ({
    orderId: order_id,
    customerId: customer_id,
    country,
    ship,
    pieces: Number(to_send),
    parcels,
  }))
  return cut(items, limit, ({ orderId }) => orderId)
})

export const ledger = handler(shipping.ledger, async (_input, { db, query }) => {
  const counts = await db
    .selectFrom('parcel')
    .select(({ fn }) => [fn.countAll().as('parcels'), fn.count('delivered_at').as('delivered')])
    .executeTakeFirstOrThrow()
  const pieces = (way: string) => `coalesce(sum(pieces) filter (where way = '${way}'), 0) as ${way}`
  const rows = await query<{ sku: string; requested: string; withdrawn: string; dispatched: string }>(
    `select sku, ${pieces('requested')}, ${pieces('withdrawn')}, ${pieces('dispatched')} from flow group by sku order by sku`,
  )
  const products = rows.map(({ sku, requested, withdrawn, dispatched }) => ({
    sku,
    requested: Number(requested),
    withdrawn: Number(withdrawn),
    dispatched: Number(dispatched),
  }))
  return { parcels: Number(counts.parcels), delivered: Number(counts.delivered), products }
})
