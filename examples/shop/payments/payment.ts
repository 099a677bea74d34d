import { aggregate, events } from 'banyan'
import { z } from 'zod'
import { euros, Money, sum } from '../values/money.ts'
import { payments, type Answer } from './contract.ts'

const Request = z.object({ customerId: z.string(), amount: Money, card: z.string() })
export const { Requested, Captured, Declined, Refunded } = events({
  Requested: Request,
  Captured: z.object({ chargeId: z.string(), amount: Money }),
  Declined: z.object({ reason: z.string() }),
  /** `reference`: what the provider calls it. */
  Refunded: z.object({ refundId: z.string(), reference: z.string(), amount: Money }),
})

type Request = z.infer<typeof Request>
type Payment =
  | { readonly status: 'none' }
  | (Request & { readonly status: 'requested' | 'declined' })
  | (Request & { readonly status: 'captured'; readonly chargeId: string; readonly refunds: Readonly<Record<string, Money>> })

/** The payment of one order; its id is the order's. */
export const payment = aggregate('payment', {
  events: { Requested, Captured, Declined, Refunded },
  initial: { status: 'none' } as Payment,
  evolve: {
    Requested: (_state, request) => ({ status: 'requested', ...request }),
    Captured: (state, { chargeId }) => (state.status === 'none' ? state : { ...state, status: 'captured', chargeId, refunds: {} }),
    Declined: (state) => (state.status === 'none' ? state : { ...state, status: 'declined' }),
    Refunded: (state, { refundId, amount }) => (state.status === 'captured' ? { ...state, refunds: { ...state.refunds, [refundId]: amount } } : state),
  },
  decide: {
    request: (state, { customerId, amount, card }: Request) => (state.status === 'none' ? Requested({ customerId, amount, card }) : undefined),
    /** The first answer settles; the provider may give it again. */
    settle: (state, { orderId, answer }: { orderId: string; answer: Answer }) => {
      if (state.status === 'none') throw payments.settled.errors.UnknownPayment({ orderId })
      if (state.status !== 'requested') return
      return answer.outcome === 'captured' ? Captured({ chargeId: answer.chargeId, amount: state.amount }) : Declined({ reason: answer.reason })
    },
    refund: (state, refund: Refund & { reference: string }) => {
      if (!isOwed(state, refund)) return
      const { refundId, reference, amount } = refund
      return Refunded({ refundId, reference, amount })
    },
  },
})

export interface Refund {
  readonly orderId: string
  readonly refundId: string
  readonly amount: Money
}

/** Whether it is still to be paid back. Throws where that would be more than was captured. */
export function isOwed(state: Payment, { orderId, refundId, amount }: Refund): state is Extract<Payment, { status: 'captured' }> {
  const left = leftOf(state)
  if (state.status === 'captured' && refundId in state.refunds) return false
  if (amount.amount > left.amount) throw payments.refund.errors.MoreThanCaptured({ orderId, left })
  return true
}

export function refundedOf(state: Payment): Money {
  return state.status === 'captured' ? sum(Object.values(state.refunds)) : euros(0)
}

function leftOf(state: Payment): Money {
  return state.status === 'captured' ? euros(state.amount.amount - refundedOf(state).amount) : euros(0)
}
