import { aggregate } from 'banyan'
import { merged, pieces, type Item } from '../values/item.ts'
import type { Money } from '../values/money.ts'
import type { Reason } from './contract.ts'
import { answer, cancelItems, cancelRest, credit, mine, returnItems, type Asking, type Crediting, type Returning } from './changes.ts'
import { Cancelled, Confirmed, orderEvents, Placed, Reserved, Shipped, type Details } from './order-events.ts'
import { refundFor, type Order, type PlacedOrder } from './order-state.ts'
import { priced, totalOf } from './pricing.ts'
import { changed, type KeptLine, type Share } from './shares.ts'

type Entering = Omit<Details, 'total'>
interface Placing extends Omit<Entering, 'lines' | 'invoice' | 'ship'> {
  readonly lines: readonly Item[]
  readonly prices: Readonly<Record<string, Money>>
}

/** One order, from the basket to its end: placed, reserved, confirmed, shipped, or cancelled on the way; and what is taken back of it. */
export const order = aggregate('order', {
  events: orderEvents,
  initial: { status: 'none' } as Order,
  evolve: {
    Placed: (_state, { lines, total, ...details }) => ({
      ...details,
      ...fresh,
      total,
      lines: lines.map((line) => ({ ...line, cancelled: 0, returned: 0, asked: 0 })),
    }),
    Reserved: (state) => (state.status === 'none' ? state : { ...state, status: 'reserved' }),
    Confirmed: (state) => (state.status === 'none' ? state : { ...state, status: 'confirmed', paid: true, toSend: pieces(state.lines) }),
    Cancelled: (state, { reason }) => (state.status === 'none' ? state : { ...state, status: 'cancelled', reason }),
    Shipped: (state, { parcel, items }) => (state.status === 'none' ? state : sent({ ...state, parcels: parcel }, items)),
    WithdrawalAsked: (state, { request, shares, otherwise }) => {
      if (state.status === 'none') return state
      return { ...state, lines: changed(state.lines, shares, more('asked')), asked: { ...state.asked, [request]: { shares, otherwise } } }
    },
    WithdrawalRefused: (state, { request, shares }) => (state.status === 'none' ? state : answered(state, request, shares)),
    ItemsCancelled: (state, { request, shares, refund }) => {
      if (state.status === 'none') return state
      const after = answered(state, request, shares)
      const lines = changed(after.lines, shares, more('cancelled'))
      return settled({ ...after, lines, toSend: after.toSend - pieces(shares), refunds: { ...after.refunds, [refundFor.cancelled(request)]: refund } })
    },
    ItemsReturned: (state, { request, shares, refund, asked }) => {
      if (state.status === 'none') return state
      const after = asked ? answered(state, request, shares) : state
      return { ...after, lines: changed(after.lines, shares, more('returned')), refunds: { ...after.refunds, [refundFor.returned(request)]: refund } }
    },
  },
  decide: {
    place: (state, { lines, prices, ...details }: Placing) => {
      if (state.status !== 'none') return
      const atPrices = priced(lines, prices)
      return Placed({ ...details, ship: 'at once', invoice: null, lines: atPrices, total: totalOf(atPrices) })
    },
    /** As an invoice has it. */
    enter: (state, details: Entering) => (state.status === 'none' ? Placed({ ...details, total: totalOf(details.lines) }) : undefined),
    /** The stock is kept for it. */
    reserve: (state) => (state.status === 'placed' ? Reserved({}) : undefined),
    /** The money has come. */
    pay: (state, { chargeId }: { chargeId: string }) => {
      if (state.status !== 'reserved') return
      const { customerId, country, lines, ship } = state
      return Confirmed({ chargeId, customerId, country, items: merged(lines), ship })
    },
    /** The shop cannot fulfil it. */
    reject: (state, { reason }: { reason: Reason }) =>
      state.status === 'placed' || state.status === 'reserved' ? Cancelled({ customerId: state.customerId, reason }) : undefined,
    /** The customer has changed their mind. */
    cancel: (state, asking: Omit<Asking, 'items'>) => {
      const order = mine(state, asking)
      if (order.status === 'placed' || order.status === 'reserved') return Cancelled({ customerId: order.customerId, reason: 'by the customer' })
      return cancelRest(order, asking.request)
    },
    cancelItems: (state, asking: Asking) => cancelItems(mine(state, asking), asking),
    returnItems: (state, returning: Returning) => returnItems(mine(state, returning), returning),
    credit: (state, crediting: Crediting) => (state.status === 'none' ? undefined : credit(state, crediting)),
    /** Shipping has withdrawn these items for a request; none: all that was asked for had left. */
    answer: (state, { request, items }: { request: string; items: readonly Item[] }) => (state.status === 'none' ? undefined : answer(state, request, items)),
    /** A parcel has left. */
    ship: (state, { parcel, items }: { parcel: number; items: Item[] }) =>
      state.status === 'none' || parcel <= state.parcels ? undefined : Shipped({ parcel, items }),
  },
})

const fresh = { status: 'placed', reason: null, paid: false, shipped: {}, sent: 0, toSend: 0, parcels: 0, asked: {}, refunds: {} } as const

const more =
  (what: 'asked' | 'cancelled' | 'returned') =>
  (line: KeptLine, quantity: number): Partial<KeptLine> => ({ [what]: line[what] + quantity })

function answered(state: PlacedOrder, request: string, shares: readonly Share[]): PlacedOrder {
  const { [request]: _answered, ...asked } = state.asked
  return { ...state, asked, lines: changed(state.lines, shares, (line, quantity) => ({ asked: line.asked - quantity })) }
}

function sent(state: PlacedOrder, items: readonly Item[]): PlacedOrder {
  const shipped = { ...state.shipped }
  for (const { sku, quantity } of items) shipped[sku] = (shipped[sku] ?? 0) + quantity
  const count = pieces(items)
  return settled({ ...state, shipped, sent: state.sent + count, toSend: state.toSend - count })
}

/** Whether anything is left to send decides how the order stands. */
function settled(state: PlacedOrder): PlacedOrder {
  if (state.toSend > 0) return state
  return state.sent > 0 ? { ...state, status: 'shipped' } : { ...state, status: 'cancelled', reason: 'by the customer' }
}
