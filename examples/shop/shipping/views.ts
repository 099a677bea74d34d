import type { Applied, RunSql } from 'banyan/types'
import { pieces, type Item } from '../values/item.ts'
import { consignment } from './consignment.ts'
import { projection } from './parts.ts'

const request = /* sql */ `
  insert into shipment as s (order_id, customer_id, country, ship, to_send)
  select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[])
  on conflict (order_id) do update set customer_id = excluded.customer_id, country = excluded.country, ship = excluded.ship, to_send = s.to_send + excluded.to_send`

// what is withdrawn may not have been asked for yet
const subtract = /* sql */ `
  insert into shipment as s (order_id, to_send, parcels)
  select order_id, -sum(pieces), sum(parcels) from unnest($1::text[], $2::bigint[], $3::int[]) as c(order_id, pieces, parcels) group by 1
  on conflict (order_id) do update set to_send = s.to_send + excluded.to_send, parcels = s.parcels + excluded.parcels`

const send = /* sql */ `
  insert into parcel (tracking, order_id, parcel, dispatched_at) select * from unnest($1::text[], $2::text[], $3::int[], $4::timestamptz[])`

const deliver = /* sql */ `
  update parcel p set delivered_at = d.at from unnest($1::text[], $2::int[], $3::timestamptz[]) as d(order_id, parcel, at)
  where (p.order_id, p.parcel) = (d.order_id, d.parcel)`

/** Every shipment and its parcels, and how many pieces of each product went which way. What happens to a shipment comes in this order. */
export const shipments = projection('shipments', { version: 1 }, (on) => [
  on.many(consignment.events.Requested, async (requested, { query }) => {
    const column = <Value>(value: (data: (typeof requested)[number]['data']) => Value): Value[] => requested.map(({ data }) => value(data))
    await query(request, [keys(requested), column((d) => d.customerId), column((d) => d.country), column((d) => d.ship), column((d) => pieces(d.items))])
    await flow(query, 'requested', requested)
  }),
  on.many(consignment.events.Withdrawn, async (withdrawn, { query }) => {
    await query(subtract, [keys(withdrawn), withdrawn.map(({ data }) => pieces(data.items)), withdrawn.map(() => 0)])
    await flow(query, 'withdrawn', withdrawn)
  }),
  on.many(consignment.events.Dispatched, async (dispatched, { query }) => {
    await query(subtract, [keys(dispatched), dispatched.map(({ data }) => pieces(data.items)), dispatched.map(() => 1)])
    await query(send, [
      dispatched.map(({ data }) => data.tracking),
      keys(dispatched),
      dispatched.map(({ data }) => data.parcel),
      dispatched.map(({ data }) => data.at),
    ])
    await flow(query, 'dispatched', dispatched)
  }),
  on.many(consignment.events.Delivered, (delivered, { query }) =>
    query(deliver, [keys(delivered), delivered.map(({ data }) => data.parcel), delivered.map(({ data }) => data.at)]),
  ),
])

/** Sorted, so that two who count the same products wait for each other and not in a circle. */
function flow(query: RunSql, way: 'requested' | 'withdrawn' | 'dispatched', events: readonly Applied<{ readonly items: readonly Item[] }>[]): Promise<unknown> {
  const items = events.flatMap(({ data }) => data.items)
  return query(
    `insert into flow as f (sku, way, pieces)
     select sku, '${way}', sum(quantity) from unnest($1::text[], $2::int[]) as i(sku, quantity) group by sku order by sku
     on conflict (sku, way) do update set pieces = f.pieces + excluded.pieces`,
    [items.map(({ sku }) => sku), items.map(({ quantity }) => quantity)],
  )
}

function keys(events: readonly Applied<unknown>[]): string[] {
  return events.map(({ event }) => event.key)
}
