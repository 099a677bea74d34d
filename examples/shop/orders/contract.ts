import { command, contract, event, query } from 'banyan'
import { z } from 'zod'
import { Line, Quantity, Sku } from '../values/line.ts'
import { Money } from '../values/money.ts'
import { PageRequest, pageOf } from '../values/page.ts'

const OrderId = z.string().min(1).max(100)
const Count = z.number().int()

export const OrderStatus = z.enum(['placed', 'reserved', 'paid', 'confirmed', 'cancelled'])
export type OrderStatus = z.infer<typeof OrderStatus>

/** Why an order came to nothing. */
export const Reason = z.enum(['sold out', 'declined', 'by the customer'])
export type Reason = z.infer<typeof Reason>

export const PricedLine = Line.extend({ price: Money })
export type PricedLine = z.infer<typeof PricedLine>

/** Who ordered what, and how far it got. */
export const orders = contract('orders', {
  /** Places an order at today's prices. It is `placed` at once, and later `confirmed` or `cancelled`. */
  place: command({
    http: 'POST /orders',
    input: z.object({
      lines: z
        .array(Line.extend({ quantity: Quantity.max(99) }))
        .min(1)
        .max(20),
      card: z.string().regex(/^tok_[a-z]+$/),
    }),
    output: z.object({ orderId: z.string() }),
    errors: { UnknownProduct: z.object({ sku: Sku }) },
  }),

  /** The customer's own order, until it is paid. Cancelling twice is cancelling once. */
  cancel: command({
    http: 'POST /orders/:orderId/cancel',
    input: z.object({ orderId: OrderId }),
    errors: { NotFound: z.object({ orderId: z.string() }), NotYours: z.object({ orderId: z.string() }), TooLate: z.object({ status: OrderStatus }) },
    statuses: { NotYours: 403, TooLate: 409 },
  }),

  byId: query({
    http: 'GET /orders/:orderId',
    input: z.object({ orderId: OrderId }),
    output: z.object({
      orderId: z.string(),
      customerId: z.string(),
      status: OrderStatus,
      reason: Reason.nullable(),
      lines: z.array(PricedLine),
      total: Money,
      placedAt: z.string(),
    }),
    errors: { NotFound: z.object({ orderId: z.string() }) },
  }),

  /** The caller's orders, newest first. */
  mine: query({
    http: 'GET /orders',
    input: PageRequest,
    output: pageOf(
      z.object({ orderId: z.string(), status: OrderStatus, reason: Reason.nullable(), total: Money, placedAt: z.string(), updatedAt: z.string() }),
    ),
  }),

  /** How many orders stand where, and what was sold in the confirmed ones. */
  ledger: query({
    http: 'GET /ledgers/orders',
    output: z.object({ open: Count, confirmed: Count, cancelled: Count, total: Money, sold: z.array(z.object({ sku: Sku, quantity: Count })) }),
  }),

  Placed: event(z.object({ orderId: z.string(), customerId: z.string(), lines: z.array(Line), total: Money })),
  /** Paid for; the goods are the customer's. */
  Confirmed: event(z.object({ orderId: z.string() })),
  Cancelled: event(z.object({ orderId: z.string(), reason: Reason })),
})
