import type { Calls } from './shop.ts'
import { written } from './values/money.ts'

/** What every service says of itself. */
export type Ledgers = Awaited<ReturnType<typeof readLedgers>>

/** Reads the ledgers of all services. They agree once the shop is quiet. */
export async function readLedgers(call: Pick<Calls, 'orders' | 'inventory' | 'shipping' | 'payments'>) {
  const [orders, received, inventory, shipping, payments] = await Promise.all([
    call.orders.ledger(),
    call.orders.received(),
    call.inventory.ledger(),
    call.shipping.ledger(),
    call.payments.ledger(),
  ])
  return { orders, received, inventory, shipping, payments }
}

/** What does not add up, each a sentence; empty when every line, every piece and every cent is accounted for. */
export function imbalances({ orders, received, inventory, shipping, payments }: Ledgers): string[] {
  const earned = payments.captured.amount - payments.refunded.amount
  const refused = received.refused.reduce((total, { lines }) => total + lines, 0)
  const sold = new Map(orders.sold.map((product) => [product.sku, product]))
  const sent = new Map(shipping.products.map((product) => [product.sku, product]))
  const shelves = new Map(inventory.map((shelf) => [shelf.sku, shelf]))
  return [
    ...(orders.open === 0 ? [] : [`${orders.open} orders are neither confirmed nor cancelled`]),
    ...(earned === orders.total.amount
      ? []
      : [`payments captured ${written(payments.captured)} and refunded ${written(payments.refunded)}, but confirmed orders come to ${written(orders.total)}`]),
    ...(received.lines === received.accepted + refused
      ? []
      : [`${received.lines} lines were received, but ${received.accepted} were accepted and ${refused} refused`]),
    ...[...new Set([...shelves.keys(), ...sold.keys(), ...sent.keys()])].flatMap((sku) => {
      const shelf = shelves.get(sku)
      if (!shelf) return [`orders or shipments have ${sku}, which inventory does not know`]
      return productImbalances(shelf, { ...nothingSold, ...sold.get(sku) }, { ...nothingSent, ...sent.get(sku) })
    }),
  ]
}

type Shelf = Ledgers['inventory'][number]
type Sold = Omit<Ledgers['orders']['sold'][number], 'sku'>
type Sent = Omit<Ledgers['shipping']['products'][number], 'sku'>
const nothingSold: Sold = { ordered: 0, cancelled: 0, returned: 0 }
const nothingSent: Sent = { requested: 0, withdrawn: 0, dispatched: 0 }

/** The stock of a product against its movements, and against what orders and shipping say of it. */
function productImbalances({ sku, received, reserved, released, sold, returned, onShelf }: Shelf, ordered: Sold, sent: Sent): string[] {
  const available = received + returned - reserved + released
  const kept = reserved - released - sold
  const waiting = sent.requested - sent.withdrawn - sent.dispatched
  return [
    ...unlessEqual(onShelf.available, available, `${sku}: ${onShelf.available} are available, but the movements leave ${available}`),
    ...unlessEqual(onShelf.reserved, kept, `${sku}: ${onShelf.reserved} are kept, but the movements leave ${kept}`),
    ...unlessEqual(kept, waiting, `${sku}: ${kept} are kept for orders, but ${waiting} are still to be sent`),
    ...(available < 0 ? [`${sku}: ${-available} more were promised than came in`] : []),
    ...unlessEqual(sold, sent.dispatched, `${sku}: ${sold} left the shelf, but ${sent.dispatched} were sent`),
    ...unlessEqual(ordered.ordered, sent.requested, `${sku}: confirmed orders have ${ordered.ordered}, but ${sent.requested} were to be sent`),
    ...unlessEqual(ordered.cancelled, sent.withdrawn, `${sku}: ${ordered.cancelled} were cancelled, but ${sent.withdrawn} were kept back`),
    ...unlessEqual(ordered.returned, returned, `${sku}: ${ordered.returned} were taken back, but ${returned} came in`),
  ]
}

function unlessEqual(one: number, other: number, fault: string): string[] {
  return one === other ? [] : [fault]
}
