import type { Calls } from './shop.ts'
import { written } from './values/money.ts'

/** What every service says of itself. */
export type Ledgers = Awaited<ReturnType<typeof readLedgers>>

/** Reads the ledgers of all services. They agree once the shop is quiet. */
export async function readLedgers(call: Calls) {
  const [orders, inventory, payments] = await Promise.all([call.orders.ledger(), call.inventory.ledger(), call.payments.ledger()])
  return { orders, inventory, payments }
}

/** What does not add up, each a sentence; empty when every piece and every cent is accounted for. */
export function imbalances({ orders, inventory, payments }: Ledgers): string[] {
  const earned = payments.captured.amount - payments.refunded.amount
  const sold = new Map(orders.sold.map(({ sku, quantity }) => [sku, quantity]))
  return [
    ...(orders.open === 0 ? [] : [`${orders.open} orders are neither confirmed nor cancelled`]),
    ...(earned === orders.total.amount
      ? []
      : [`payments captured ${written(payments.captured)} and refunded ${written(payments.refunded)}, but confirmed orders come to ${written(orders.total)}`]),
    ...inventory.flatMap((product) => shelfImbalances(product, sold.get(product.sku) ?? 0)),
    ...[...sold.keys()]
      .filter((sku) => !inventory.some((product) => product.sku === sku))
      .map((sku) => `confirmed orders have ${sku}, which inventory does not know`),
  ]
}

function shelfImbalances({ sku, received, reserved, released, sold, onShelf }: Ledgers['inventory'][number], ordered: number): string[] {
  const available = received - reserved + released
  const kept = reserved - released - sold
  return [
    ...(onShelf.available === available ? [] : [`${sku}: ${onShelf.available} are available, but the movements leave ${available}`]),
    ...(onShelf.reserved === kept ? [] : [`${sku}: ${onShelf.reserved} are kept, but the movements leave ${kept}`]),
    ...(kept === 0 ? [] : [`${sku}: ${kept} are still kept for orders that are over`]),
    ...(available < 0 ? [`${sku}: ${-available} more were promised than came in`] : []),
    ...(sold === ordered ? [] : [`${sku}: ${sold} left the shelf, but confirmed orders have ${ordered}`]),
  ]
}
