import { command, contract, event, query } from 'banyan'
import { z } from 'zod'
import { Money } from '../values/money.ts'

const OrderId = z.string().min(1).max(100)

/** What the card provider says of a charge. */
export const Answer = z.object({ outcome: z.enum(['captured', 'declined']), chargeId: z.string(), reason: z.string().default('') })
export type Answer = z.infer<typeof Answer>

/** `refunded`: all of it. */
const PaymentStatus = z.enum(['requested', 'captured', 'declined', 'refunded'])

/** Money for orders: asked of a card provider, once per order. */
export const payments = contract('payments', {
  /** Asks for an order's money. For `orders`, which hears Captured or Declined. */
  charge: command({ input: z.object({ orderId: OrderId, customerId: z.string(), amount: Money, card: z.string() }) }),

  /** Pays back a part of what was captured for an order, or all of it; once for each `refundId`. For `orders`. */
  refund: command({
    input: z.object({ orderId: OrderId, refundId: z.string().min(1).max(100), amount: Money }),
    errors: { MoreThanCaptured: z.object({ orderId: z.string(), left: Money }) },
  }),

  /** Asks the provider and writes down its answer. The service sends it to itself; repeated until the provider has answered. */
  collect: command({ input: z.object({ orderId: OrderId }) }),

  /** What the provider calls when it has an answer, signed with the secret it shares with us. May come twice, or before `collect` is through. */
  settled: command({
    http: 'POST /payments/webhook',
    input: Answer.extend({ orderId: OrderId, signature: z.string().max(100) }),
    errors: { BadSignature: z.object({}), UnknownPayment: z.object({ orderId: z.string() }) },
    statuses: { BadSignature: 401, UnknownPayment: 404 },
  }),

  byId: query({
    http: 'GET /payments/:orderId',
    input: z.object({ orderId: OrderId }),
    output: z.object({ orderId: z.string(), customerId: z.string(), amount: Money, refunded: Money, status: PaymentStatus }),
    errors: { NotFound: z.object({ orderId: z.string() }) },
  }),

  /** Sums of the payment ledger. */
  ledger: query({
    http: 'GET /ledgers/payments',
    output: z.object({ captured: Money, refunded: Money, charges: z.number().int(), refunds: z.number().int() }),
  }),

  Captured: event(z.object({ orderId: z.string(), chargeId: z.string(), amount: Money })),
  Declined: event(z.object({ orderId: z.string(), reason: z.string() })),
  Refunded: event(z.object({ orderId: z.string(), refundId: z.string(), amount: Money })),
})
