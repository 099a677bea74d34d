import { aggregate, events } from 'banyan'
import { z } from 'zod'

export const { Captured, Declined } = events({ Captured: z.object({ amount: z.number() }), Declined: z.object({ reason: z.string() }) })

/** The most that a customer's card is good for, in cents: this shop takes play money. */
export const LIMIT = 100_000

/** The payment of one order; its id is the order's. */
export const payment = aggregate('payment', {
  events: { Captured, Declined },
  initial: { settled: false },
  evolve: { Captured: () => ({ settled: true }), Declined: () => ({ settled: true }) },
  decide: {
    charge: ({ settled }, { amount }: { amount: number }) => {
      if (settled) return
      return amount <= LIMIT ? Captured({ amount }) : Declined({ reason: `${amount} is more than ${LIMIT}` })
    },
  },
})
