import { aggregate, events } from 'banyan'
import { z } from 'zod'
import type { Line } from '../values/line.ts'
import { Money } from '../values/money.ts'
import { orders, PricedLine, Reason } from './contract.ts'
import { priced, totalOf } from './pricing.ts'

const Details = z.object({ customerId: z.string(), lines: z.array(PricedLine), total: Money, card: z.string(), placedAt: z.string() })
type Details = z.infer<typeof Details>

export const { Placed, Reserved, Paid, Confirmed, Cancelled } = events({
  Placed: Details,
  Reserved: z.object({}),
  Paid: z.object({ chargeId: z.string() }),
  Confirmed: z.object({}),
  Cancelled: z.object({ reason: Reason }),
})

type Order =
  | { readonly status: 'none' }
  | (Details & { readonly status: 'placed' | 'reserved' | 'paid' | 'confirmed' })
  | (Details & { readonly status: 'cancelled'; readonly reason: Reason })

interface Place {
  readonly customerId: string
  readonly lines: readonly Line[]
  readonly prices: Readonly<Record<string, Money>>
  readonly card: string
  readonly placedAt: string
}

/** One order, from the basket to its end: placed, reserved, paid, confirmed, or cancelled on the way. */
export const order = aggregate('order', {
  events: { Placed, Reserved, Paid, Confirmed, Cancelled },
  initial: { status: 'none' } as Order,
  evolve: {
    Placed: (_state, details) => ({ ...details, status: 'placed' }),
    Reserved: (state) => (state.status === 'none' ? state : { ...state, status: 'reserved' }),
    Paid: (state) => (state.status === 'none' ? state : { ...state, status: 'paid' }),
    Confirmed: (state) => (state.status === 'none' ? state : { ...state, status: 'confirmed' }),
    Cancelled: (state, { reason }) => (state.status === 'none' ? state : { ...state, status: 'cancelled', reason }),
  },
  decide: {
    place: (state, { customerId, lines, prices, card, placedAt }: Place) => {
      if (state.status !== 'none') return
      const atPrices = priced(lines, prices)
      return Placed({ customerId, lines: atPrices, total: totalOf(atPrices), card, placedAt })
    },
    /** The stock is kept for it. */
    reserve: (state) => (state.status === 'placed' ? Reserved({}) : undefined),
    /** The money has come. */
    pay: (state, { chargeId }: { chargeId: string }) => (state.status === 'reserved' ? [Paid({ chargeId }), Confirmed({})] : []),
    /** The shop cannot fulfil it. */
    reject: (state, { reason }: { reason: Reason }) => (state.status === 'placed' || state.status === 'reserved' ? Cancelled({ reason }) : undefined),
    /** The customer has changed their mind. */
    cancel: (state, { orderId, by }: { orderId: string; by: string }) => {
      if (state.status === 'none') throw orders.cancel.errors.NotFound({ orderId })
      if (state.customerId !== by) throw orders.cancel.errors.NotYours({ orderId })
      if (state.status === 'cancelled') return
      if (state.status === 'paid' || state.status === 'confirmed') throw orders.cancel.errors.TooLate({ status: state.status })
      return Cancelled({ reason: 'by the customer' })
    },
  },
})
