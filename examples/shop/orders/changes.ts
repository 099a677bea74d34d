import type { DomainValue } from 'banyan/types'
import { pieces, type Item } from '../values/item.ts'
import { orders } from './contract.ts'
import { ItemsCancelled, ItemsReturned, WithdrawalAsked, WithdrawalRefused, type orderEvents } from './order-events.ts'
import { itemsIn, returnable, unshipped, type Order, type PlacedOrder } from './order-state.ts'
import { sharesOf, take, without, worth, type Share } from './shares.ts'

type Events = DomainValue<typeof orderEvents>[]

/** Who asks: a customer, or null for the staff. `request` is a name for it, under which it is answered. */
export interface Asking {
  readonly orderId: string
  readonly by: string | null
  readonly request: string
  readonly items: readonly Item[]
}
export interface Returning extends Asking {
  readonly reason: string
}
export type Crediting = Pick<Asking, 'request' | 'items'>

/** The order, if it is there and the one who asks may change it. */
export function mine(state: Order, { orderId, by }: Pick<Asking, 'orderId' | 'by'>): PlacedOrder {
  if (state.status === 'none') throw orders.cancel.errors.NotFound({ orderId })
  if (by !== null && state.customerId !== by) throw orders.cancel.errors.NotYours({ orderId })
  return state
}

/** Everything that has not left. */
export function cancelRest(order: PlacedOrder, request: string): Events {
  if (order.status === 'cancelled') return []
  const shares = sharesOf(order.lines, itemsIn(unshipped(order)))
  if (shares.length > 0) return [WithdrawalAsked({ request, shares, otherwise: 'some stay' })]
  // asked before, and not answered yet
  if (order.toSend > 0) return []
  throw orders.cancel.errors.TooLate({ status: order.status })
}

export function cancelItems(order: PlacedOrder, { request, items }: Asking): Events {
  if (order.status === 'placed' || order.status === 'reserved') throw orders.cancelItems.errors.NotConfirmed({ status: order.status })
  assertPossible(items, unshipped(order))
  return [WithdrawalAsked({ request, shares: sharesOf(order.lines, items), otherwise: 'all stay' })]
}

export function returnItems(order: PlacedOrder, { request, items, reason }: Returning): Events {
  assertPossible(items, returnable(order))
  return returned(order, { request, shares: sharesOf(order.lines, items), reason, asked: false })
}

/** Takes back what has not left, and whatever of the rest has. Whoever credits has looked at what can be credited in the same transaction. */
export function credit(order: PlacedOrder, { request, items }: Crediting): Events {
  const inHouse = unshipped(order)
  const waiting = items.map(({ sku, quantity }) => ({ sku, quantity: Math.min(quantity, inHouse.get(sku) ?? 0) })).filter(({ quantity }) => quantity > 0)
  const shares = sharesOf(order.lines, items)
  if (pieces(shares) < pieces(items)) throw new RangeError(`${pieces(items)} pieces were to be credited and ${pieces(shares)} are left`)
  const asked = take(shares, waiting)
  return [
    ...(asked.length > 0 ? [WithdrawalAsked({ request, shares: asked, otherwise: 'returned' })] : []),
    ...returned(order, { request: creditOfShipped(request), shares: without(shares, asked), reason: request, asked: false }),
  ]
}

/** What a credit takes back at once is another request than what it has to ask for. */
export function creditOfShipped(request: string): string {
  return `${request}, shipped`
}

export function answer(order: PlacedOrder, request: string, items: readonly Item[]): Events {
  const open = order.asked[request]
  if (!open) return []
  const cancelled = take(open.shares, items)
  const rest = without(open.shares, cancelled)
  return [
    ...(cancelled.length > 0 ? [ItemsCancelled({ request, shares: cancelled, refund: worth(order.lines, cancelled) })] : []),
    ...(open.otherwise === 'returned' ? returned(order, { request, shares: rest, reason: request, asked: true }) : []),
    ...(open.otherwise !== 'returned' && rest.length > 0 ? [WithdrawalRefused({ request, shares: rest })] : []),
  ]
}

function returned(order: PlacedOrder, what: { request: string; shares: Share[]; reason: string; asked: boolean }): Events {
  return what.shares.length > 0 ? [ItemsReturned({ ...what, refund: worth(order.lines, what.shares) })] : []
}

function assertPossible(items: readonly Item[], most: ReadonlyMap<string, number>): void {
  const wanted = new Map<string, number>()
  for (const { sku, quantity } of items) {
    wanted.set(sku, (wanted.get(sku) ?? 0) + quantity)
    const possible = most.get(sku) ?? 0
    if (wanted.get(sku)! > possible) throw orders.cancelItems.errors.TooMany({ sku, possible })
  }
}
