import type { ProviderBook } from '../fleet/provider-book.ts'
import { imbalances, readLedgers, type Ledgers } from '../ledgers.ts'
import type { Balance } from '../terminal/balance.ts'
import { euros, written } from '../values/money.ts'
import { thousandths } from './amount.ts'
import { TOP, type SomeFigures } from './figures.ts'
import { count } from './progress.ts'
import type { ShopDoor } from './till.ts'
import type { Told } from './told.ts'

export interface Witnesses {
  readonly told: Told
  /** The card provider's. */
  readonly book: ProviderBook | undefined
  /** What processes have died of that nobody killed. */
  readonly faults: readonly string[]
}

const STRONG = { deadline: '60s' } as const

/** What the shop says it has received, from its reports. */
export async function readReports(door: ShopDoor): Promise<SomeFigures> {
  const ask = <T>(report: (orders: Parameters<Parameters<ShopDoor['ask']>[0]>[0]['orders']) => Promise<T>) => door.ask(({ orders }) => report(orders))
  const received = await ask((orders) => orders.received(undefined, STRONG))
  const [months, countries] = [await ask((orders) => orders.sales({ by: 'month' }, STRONG)), await ask((orders) => orders.sales({ by: 'country' }, STRONG))]
  const [customers, products] = [
    await ask((orders) => orders.topCustomers({ limit: TOP }, STRONG)),
    await ask((orders) => orders.topProducts({ limit: TOP }, STRONG)),
  ]
  const { sale: sales, credit: credits, adjustment } = received.invoices
  return {
    lines: received.lines,
    invoices: sales + credits + adjustment,
    sales,
    credits,
    quantity: received.quantity,
    amount: thousandths(received.amount),
    months: new Map(
      months
        .filter(isReceived)
        .map(({ key, received: { amount, ...month }, customers: different }) => [
          key,
          { ...month, amount: thousandths(amount), ...(different ? { customers: different.received } : {}) },
        ]),
    ),
    countries: new Map(countries.filter(isReceived).map(({ key, received: { amount } }) => [key, thousandths(amount)])),
    topCustomers: customers.map(({ key, received: { amount } }) => [key, thousandths(amount)]),
    topProducts: products.map(({ key, received: { quantity } }) => [key, quantity]),
  }
}

/** Reports have rows, too, for what customers ordered by themselves. */
function isReceived({ received }: { readonly received: { readonly lines: number } }): boolean {
  return received.lines > 0
}

/** Holds what the shop answered, what its services say of themselves, and what the card provider says against each other. */
export async function auditShop(door: ShopDoor, { told, book, faults }: Witnesses): Promise<Balance[]> {
  const ledgers = await door.ask((shop) => readLedgers(shop))
  const sums = imbalances(ledgers)
  return [
    lines(ledgers),
    answers(ledgers, told),
    pieces(ledgers, sums),
    parcels(ledgers),
    money(ledgers),
    ...(book ? [cards(ledgers, book)] : []),
    deaths(faults),
  ]
}

function lines({ received }: Ledgers): Balance {
  const refused = sum(received.refused, ({ lines: of }) => of)
  return {
    what: 'received = accepted + refused',
    one: `${count(received.lines)} lines received`,
    other: `${count(received.accepted)} accepted + ${count(refused)} refused`,
    faults: received.lines === received.accepted + refused ? [] : [`${received.lines - received.accepted - refused} lines are neither`],
  }
}

/** What the shop answered to each invoice, and what became of its order, against the books. */
function answers({ received }: Ledgers, told: Told): Balance {
  const booked = new Map<string, number>([['accepted', received.accepted], ...received.refused.map(({ reason, lines: of }) => [reason, of] as const)])
  const answered = new Map([['accepted', told.accepted], ...told.refused])
  return {
    what: 'what was answered is in the books',
    one: `${count(told.lines)} lines answered, ${answered.size - 1} reasons`,
    other: `${count(received.lines)} booked, ${booked.size - 1} reasons`,
    faults: [...new Set([...booked.keys(), ...answered.keys()])]
      .filter((reason) => booked.get(reason) !== answered.get(reason))
      .map((reason) => `${reason}: ${count(answered.get(reason) ?? 0)} were answered, ${count(booked.get(reason) ?? 0)} are in the books`),
  }
}

function pieces({ inventory }: Ledgers, imbalanced: readonly string[]): Balance {
  const of = (what: 'received' | 'returned' | 'sold') => count(sum(inventory, (shelf) => shelf[what]))
  return {
    what: 'stock is the sum of its movements, and all ledgers agree',
    one: `${of('received')} received + ${of('returned')} returned − ${of('sold')} sold`,
    other: `${count(sum(inventory, ({ onShelf }) => onShelf.available + onShelf.reserved))} on ${count(inventory.length)} shelves`,
    faults: imbalanced,
  }
}

function parcels({ orders, shipping }: Ledgers): Balance {
  const [ordered, cancelled] = [sum(orders.sold, (product) => product.ordered), sum(orders.sold, (product) => product.cancelled)]
  const dispatched = sum(shipping.products, (product) => product.dispatched)
  return {
    what: 'dispatched = accepted − cancelled before',
    one: `${count(dispatched)} dispatched in ${count(shipping.parcels)} parcels`,
    other: `${count(ordered)} accepted − ${count(cancelled)} cancelled`,
    faults: dispatched === ordered - cancelled ? [] : [`${ordered - cancelled - dispatched} pieces are still in the house`],
  }
}

function money({ orders, payments }: Ledgers): Balance {
  const earned = payments.captured.amount - payments.refunded.amount
  return {
    what: 'captured − refunded = accepted orders',
    one: `${written(payments.captured)} − ${written(payments.refunded)}`,
    other: `${written(orders.total)} in ${count(orders.confirmed + orders.shipped)} orders, ${count(orders.cancelled)} came to nothing`,
    faults: earned === orders.total.amount ? [] : [`that is ${written(euros(earned - orders.total.amount))} more`],
  }
}

function cards({ payments }: Ledgers, { charged, refunded, contradictions }: ProviderBook): Balance {
  const taken = [...charged.values()].filter((cents) => cents > 0)
  const [in_, out] = [sum(taken, (cents) => cents), sum([...refunded.values()], (cents) => cents)]
  return {
    what: 'cards were charged once for each order',
    one: `${count(taken.length)} charges, ${count(refunded.size)} refunds at the provider`,
    other: `${count(payments.charges)} charges, ${count(payments.refunds)} refunds in the shop`,
    faults: [
      ...contradictions,
      ...(taken.length === payments.charges && in_ === payments.captured.amount ? [] : [`the provider took ${written(euros(in_))}`]),
      ...(refunded.size === payments.refunds && out === payments.refunded.amount ? [] : [`the provider paid back ${written(euros(out))}`]),
    ],
  }
}

/** A process that ends without being killed is a mistake as well. */
function deaths(faults: readonly string[]): Balance {
  return { what: 'nobody died without being killed', one: `${faults.length} died`, other: '0', faults }
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0)
}
