import { addCustomers, addFigures } from './figures.ts'
import { invoice } from './invoice.ts'
import { projection } from './parts.ts'

const note = /* sql */ `
  insert into invoice (invoice, kind, order_id, customer_id, country) select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])`

const write = /* sql */ `
  insert into received (invoice, line, sku, description, quantity, price, at, refused)
  select * from unnest($1::text[], $2::int[], $3::text[], $4::text[], $5::int[], $6::numeric[], $7::timestamp[], $8::text[])`

// what was accepted at first counts under a reason of its own, so that the reasons account for every line
const lines = /* sql */ `
  select side, document, left(at, 7) as month, country, sku, customer, coalesce(refused, 'accepted') as reason, 1 as lines, quantity, quantity * price as amount
  from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::int[], $9::numeric[])
    as l(side, document, at, country, sku, customer, refused, quantity, price)`

/** Everything that was entered, and its sums. */
export const receivedView = projection('received', { version: 1 }, (on) => [
  on.many(invoice.events.Entered, async (entered, { query }) => {
    await query(note, [
      entered.map(({ event }) => event.key),
      entered.map(({ data }) => data.kind),
      entered.map(({ data }) => data.orderId),
      entered.map(({ data }) => data.customerId),
      entered.map(({ data }) => data.country),
    ])
    const all = entered.flatMap(({ data, event }) => data.lines.map((line) => ({ ...line, invoice: event.key, document: data })))
    const column = <Value>(value: (line: (typeof all)[number]) => Value): Value[] => all.map(value)
    await query(write, [
      column(({ invoice }) => invoice),
      column(({ line }) => line),
      column(({ sku }) => sku),
      column(({ description }) => description),
      column(({ quantity }) => quantity),
      column(({ price }) => price),
      column(({ at }) => at),
      column(({ refused }) => refused),
    ])
    const values = [
      column(({ document }) => document.kind),
      column(({ invoice }) => invoice),
      column(({ at }) => at),
      column(({ document }) => document.country),
      column(({ sku }) => sku),
      column(({ document }) => document.customerId),
      column(({ refused }) => refused),
      column(({ quantity }) => quantity),
      column(({ price }) => price),
    ]
    await addFigures(query, lines, values)
    await addCustomers(query, 'received', lines, values)
  }),
])
