import type { OrderStatus, Reason } from '../orders/contract.ts'
import type { ProviderBook } from '../fleet/provider-book.ts'
import { imbalances, type Ledgers } from '../ledgers.ts'
import type { Balance } from '../terminal/balance.ts'
import { euros, written } from '../values/money.ts'
import type { ClientBook, ClientOrder } from './client-book.ts'
import type { FrontDoor } from './front-door.ts'

interface ShownOrder {
  readonly orderId: string
  readonly status: OrderStatus
  readonly reason: Reason | null
  readonly total: { readonly amount: number }
}

export interface Books {
  readonly client: ClientBook
  readonly provider: ProviderBook
  readonly ledgers: Ledgers
  /** Every order the shop shows to its customers. */
  readonly shown: readonly ShownOrder[]
}

/** Reads what the shop says of itself, over HTTP like everybody. */
export async function readBooks(door: FrontDoor, staff: string, customers: readonly string[]): Promise<Pick<Books, 'ledgers' | 'shown'>> {
  const [orders, received, inventory, shipping, payments] = await Promise.all([
    door.read<Ledgers['orders']>('/ledgers/orders', staff),
    door.read<Ledgers['received']>('/ledgers/received', staff),
    door.read<Ledgers['inventory']>('/ledgers/inventory', staff),
    door.read<Ledgers['shipping']>('/ledgers/shipping', staff),
    door.read<Ledgers['payments']>('/ledgers/payments', staff),
  ])
  const shown = await Promise.all(customers.map((token) => ordersOf(door, token)))
  return { ledgers: { orders, received, inventory, shipping, payments }, shown: shown.flat() }
}

async function ordersOf(door: FrontDoor, token: string): Promise<ShownOrder[]> {
  const all: ShownOrder[] = []
  for (let after: string | null = ''; after !== null;) {
    const page: { items: ShownOrder[]; next: string | null } = await door.read(`/orders?limit=100${after === '' ? '' : `&after=${after}`}`, token)
    all.push(...page.items)
    after = page.next
  }
  return all
}

/** Holds the books of client, shop and card provider against each other. */
export function audit(books: Books): Balance[] {
  return [answers(books), sameOrders(books), endings(books), promises(books), pieces(books), parcels(books), sales(books), money(books), charges(books)]
}

function answers({ client }: Books): Balance {
  const [accepted, refused] = [client.count('accepted'), client.count('refused')]
  const unknown = client.orders.filter(({ placed }) => placed.answer === 'unknown')
  return {
    what: 'every order has one answer',
    one: `${client.orders.length} sent`,
    other: `${accepted} accepted + ${refused} refused`,
    faults: [...client.surprises, ...unknown.map(({ key }) => `${key} has no answer`)],
  }
}

function sameOrders({ client, shown }: Books): Balance {
  const placed = new Map(accepted(client).map((order) => [order.orderId, order]))
  const seen = new Set(shown.map(({ orderId }) => orderId))
  return {
    what: 'the shop has these orders and no others',
    one: `${client.count('accepted')} accepted`,
    other: `${shown.length} in the shop`,
    faults: [
      ...accepted(client)
        .filter(({ orderId }) => !seen.has(orderId))
        .map(({ key, orderId }) => `${key} was accepted as ${orderId}, which the shop does not have`),
      ...shown.filter(({ orderId }) => !placed.has(orderId)).map(({ orderId }) => `${orderId} was ordered by nobody`),
      ...(seen.size === shown.length ? [] : ['an order is shown twice']),
      ...(placed.size === client.count('accepted') ? [] : ['two keys were answered with the same order']),
      ...shown
        .filter(({ orderId, total }) => placed.has(orderId) && placed.get(orderId)!.cents !== total.amount)
        .map(({ orderId }) => `${orderId} does not come to what was ordered`),
    ],
  }
}

function endings({ shown, ledgers: { orders } }: Books): Balance {
  const open = shown.filter(({ status }) => status !== 'shipped' && status !== 'cancelled')
  return {
    what: 'every order came to an end',
    one: `${shown.length} in the shop`,
    other: `${orders.shipped} shipped + ${orders.cancelled} cancelled`,
    faults: [
      ...open.map(({ orderId, status }) => `${orderId} is ${status}`),
      ...(shown.length === orders.open + orders.confirmed + orders.shipped + orders.cancelled ? [] : ['the ledger counts other orders']),
    ],
  }
}

function promises({ client, shown }: Books): Balance {
  const ends = new Map(shown.map((order) => [order.orderId, order]))
  const told = (answer: ClientOrder['cancel']) => accepted(client).filter(({ cancel }) => cancel === answer)
  const broken = [
    ...told('cancelled').filter(({ orderId }) => ends.get(orderId)?.status !== 'cancelled'),
    ...told('too late').filter(({ orderId }) => ends.get(orderId)?.status !== 'shipped'),
    ...shown.filter(
      ({ orderId, reason }) => reason === 'by the customer' && ![...told('cancelled'), ...told('asked')].some((order) => order.orderId === orderId),
    ),
  ]
  return {
    what: 'cancelled is what was said to be',
    one: `${told('cancelled').length} cancelled, ${told('asked').length} asked, ${told('too late').length} too late`,
    other: `${shown.filter(({ reason }) => reason === 'by the customer').length} by customers`,
    faults: broken.map(({ orderId }) => `${orderId} ended otherwise than its customer was told`),
  }
}

function pieces({ ledgers }: Books): Balance {
  const { inventory } = ledgers
  const received = sum(inventory.map((product) => product.received))
  return {
    what: 'stock is the sum of its movements',
    one: `${received} received − ${sum(inventory.map(({ sold }) => sold))} sold`,
    other: `${sum(inventory.map(({ onShelf }) => onShelf.available))} on ${inventory.length} shelves`,
    faults: imbalances(ledgers),
  }
}

function parcels({ ledgers: { inventory, shipping } }: Books): Balance {
  const [sold, dispatched] = [sum(inventory.map((product) => product.sold)), sum(shipping.products.map((product) => product.dispatched))]
  return {
    what: 'what was sold is in parcels',
    one: `${sold} sold`,
    other: `${dispatched} in ${shipping.parcels} parcels`,
    faults: sold === dispatched ? [] : [`${sold} left the shelves and ${dispatched} the house`],
  }
}

function sales({ client, shown, ledgers: { orders } }: Books): Balance {
  const bought = new Map<string, number>()
  for (const { lines } of shipped(client, shown)) for (const { sku, quantity } of lines) bought.set(sku, (bought.get(sku) ?? 0) + quantity)
  const sold = new Map(orders.sold.map(({ sku, ordered, cancelled, returned }) => [sku, ordered - cancelled - returned]))
  return {
    what: 'clients have the pieces that were sold',
    one: `${sum([...bought.values()])} in shipped orders`,
    other: `${sum([...sold.values()])} sold`,
    faults: [...new Set([...bought.keys(), ...sold.keys()])]
      .filter((sku) => (bought.get(sku) ?? 0) !== (sold.get(sku) ?? 0))
      .map((sku) => `${sku}: clients have ${bought.get(sku) ?? 0}, the shop sold ${sold.get(sku) ?? 0}`),
  }
}

function money({ client, shown, ledgers: { payments } }: Books): Balance {
  const owed = sum(shipped(client, shown).map(({ cents }) => cents))
  const earned = payments.captured.amount - payments.refunded.amount
  return {
    what: 'clients paid what they ordered',
    one: `${written(euros(owed))} shipped`,
    other: `${written(payments.captured)} captured − ${written(payments.refunded)} refunded`,
    faults: owed === earned ? [] : [`that is ${written(euros(earned - owed))} more than was ordered`],
  }
}

function charges({ provider, ledgers: { payments } }: Books): Balance {
  const charged = [...provider.charged.values()].filter((cents) => cents > 0)
  const [taken, returned] = [sum(charged), sum([...provider.refunded.values()])]
  return {
    what: 'cards were charged once for each order',
    one: `${charged.length} charges, ${provider.refunded.size} refunds at the provider`,
    other: `${payments.charges} charges, ${payments.refunds} refunds in the shop`,
    faults: [
      ...provider.contradictions,
      ...(charged.length === payments.charges && taken === payments.captured.amount ? [] : [`the provider took ${written(euros(taken))}`]),
      ...(provider.refunded.size === payments.refunds && returned === payments.refunded.amount ? [] : [`the provider paid back ${written(euros(returned))}`]),
    ],
  }
}

type Accepted = ClientOrder & { readonly orderId: string }

function accepted({ orders }: ClientBook): Accepted[] {
  return orders.flatMap((order) => (order.placed.answer === 'accepted' ? [{ ...order, orderId: order.placed.orderId }] : []))
}

function shipped(client: ClientBook, shown: readonly ShownOrder[]): Accepted[] {
  const ends = new Map(shown.map(({ orderId, status }) => [orderId, status]))
  return accepted(client).filter(({ orderId }) => ends.get(orderId) === 'shipped')
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
