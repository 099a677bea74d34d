import { catalog } from '../catalog/contract.ts'
import { projection } from './parts.ts'
import { stock } from './stock.ts'

const change = /* sql */ `
  insert into stock_level as level (sku, available, reserved) values ($1, $2, $3)
  on conflict (sku) do update set available = level.available + excluded.available, reserved = level.reserved + excluded.reserved`

/** How much of each product there is now. */
export const stockLevel = projection('stock_level', { version: 1 }, (on) => [
  // a product that was never delivered has a level too: none
  on(catalog.Listed, ({ sku }, { query }) => query(change, [sku, 0, 0])),
  on(stock.events.Received, ({ quantity }, { query, event }) => query(change, [event.key, quantity, 0])),
  on(stock.events.Reserved, ({ quantity }, { query, event }) => query(change, [event.key, -quantity, quantity])),
  on(stock.events.Released, ({ quantity }, { query, event }) => query(change, [event.key, quantity, -quantity])),
  on(stock.events.Sold, ({ quantity }, { query, event }) => query(change, [event.key, 0, -quantity])),
])

// no `on conflict`: each event is applied once, and the primary key would tell if it were not
const book = /* sql */ `insert into movement (id, sku, kind, quantity, reference, at) values ($1, $2, $3, $4, $5, $6)`

/** The ledger: every movement, never changed. */
export const movement = projection('movement', { version: 1 }, (on) => [
  on(stock.events.Received, ({ quantity, delivery }, { query, event }) => query(book, [event.id, event.key, 'received', quantity, delivery, event.at])),
  on(stock.events.Reserved, ({ quantity, orderId }, { query, event }) => query(book, [event.id, event.key, 'reserved', quantity, orderId, event.at])),
  on(stock.events.Released, ({ quantity, orderId }, { query, event }) => query(book, [event.id, event.key, 'released', quantity, orderId, event.at])),
  on(stock.events.Sold, ({ quantity, orderId }, { query, event }) => query(book, [event.id, event.key, 'sold', quantity, orderId, event.at])),
])
