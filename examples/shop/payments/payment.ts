import { aggregate, events } from 'banyan'
import { z } from 'zod'
import { Money } from '../values/money.ts'
import { payments, type Answer } from './contract.ts'

const Request = z.object({ customerId: z.string(), amount: Money, card: z.string() })
export const { Requested, Captured, Declined, Refunded } = events({
  Requested: Request,
  Captured: z.object({ chargeId: z.string(), amount: Money }),
  Declined: z.object({ reason: z.string() }),
  Refunded: z.object({ refundId: z.string(), amount: Money }),
})

type Request = z.infer<typeof Request>
type Payment =
  | { readonly status: 'none' }
  | (Request & { readonly status: 'requested' | 'declined' })
  | (Request & { readonly status: 'captured' | 'refunded'; readonly chargeId: string })

/** The payment of one order; its id is the order's. */
export const payment = aggregate('payment', {
  events: { Requested, Captured, Declined, Refunded },
  initial: { status: 'none' } as Payment,
  evolve: {
    Requested: (_state, request) => ({ status: 'requested', ...request }),
    Captured: (state, { chargeId }) => (state.status === 'none' ? state : { ...state, status: 'captured', chargeId }),
    Declined: (state) => (state.status === 'none' ? state : { ...state, status: 'declined' }),
    Refunded: (state) => (state.status === 'captured' ? { ...state, status: 'refunded' } : state),
  },
  decide: {
    request: (state, { customerId, amount, card }: Request) => (state.status === 'none' ? Requested({ customerId, amount, card }) : undefined),
    /** The first answer settles; the provider may give it again. */
    settle: (state, { orderId, answer }: { orderId: string; answer: Answer }) => {
      if (state.status === 'none') throw payments.settled.errors.UnknownPayment({ orderId })
      if (state.status !== 'requested') return
      return answer.outcome === 'captured' ? Captured({ chargeId: answer.chargeId, amount: state.amount }) : Declined({ reason: answer.reason })
    },
    refund: (state, { refundId }: { refundId: string }) => (state.status === 'captured' ? Refunded({ refundId, amount: state.amount }) : undefined),
  },
})
