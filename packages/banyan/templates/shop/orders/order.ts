import { aggregate, events } from 'banyan'
import { z } from 'zod'
import { PricedLine } from './contract.ts'
import { totalOf } from './pricing.ts'

const Details = z.object({ customerId: z.string(), lines: z.array(PricedLine), total: z.number() })
type Details = z.infer<typeof Details>

export const { Placed, Paid, Declined } = events({ Placed: Details, Paid: z.object({}), Declined: z.object({ reason: z.string() }) })

type Order = { readonly status: 'none' } | (Details & { readonly status: 'placed' | 'paid' | 'declined' })

/** One order. Its events are the truth; `evolve` says what they lead to, `decide` what may happen next. */
export const order = aggregate('order', {
  events: { Placed, Paid, Declined },
  initial: { status: 'none' } as Order,
  evolve: {
    Placed: (_order, details) => ({ ...details, status: 'placed' }),
    Paid: (order) => (order.status === 'none' ? order : { ...order, status: 'paid' }),
    Declined: (order) => (order.status === 'none' ? order : { ...order, status: 'declined' }),
  },
  decide: {
    place: (order, { customerId, lines }: { customerId: string; lines: PricedLine[] }) =>
      order.status === 'none' ? Placed({ customerId, lines, total: totalOf(lines) }) : undefined,
    // both may be heard again, and then there is nothing left to do
    pay: (order) => (order.status === 'placed' ? Paid({}) : undefined),
    decline: (order, { reason }: { reason: string }) => (order.status === 'placed' ? Declined({ reason }) : undefined),
  },
})
