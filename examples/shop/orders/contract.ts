import { command, contract, event, query } from 'banyan'
import { z } from 'zod'
import { Item, Quantity, Sku } from '../values/item.ts'
import { Money } from '../values/money.ts'
import { PageRequest, pageOf } from '../values/page.ts'
import { EnteredLine, InvoiceDocument, InvoiceKind, LineRefusal } from './invoice-document.ts'
import { Figures, SalesFigures, TopRequest } from './report.ts'

const OrderId = z.string().min(1).max(100)
const Count = z.number().int()

/** `shipped`: nothing is left to ship. `cancelled`: nothing is left at all. */
export const OrderStatus = z.enum(['placed', 'reserved', 'confirmed', 'shipped', 'cancelled'])
export type OrderStatus = z.infer<typeof OrderStatus>

/** Why an order came to nothing. */
export const Reason = z.enum(['sold out', 'declined', 'expired', 'by the customer'])
export type Reason = z.infer<typeof Reason>

/** When an order is sent: as soon as it is packed, or when the staff says so. */
export const Ship = z.enum(['at once', 'held'])

/** A line of an order at its price, which is that of the day it was placed. */
export const PricedLine = Item.extend({ line: z.number().int(), price: Money })
export type PricedLine = z.infer<typeof PricedLine>

const OrderLine = PricedLine.extend({
  cancelled: Count,
  shipped: Count,
  returned: Count,
  /** Of what has not left: asked back, and not answered yet. */
  asked: Count,
})
const OrderErrors = { NotFound: z.object({ orderId: z.string() }), NotYours: z.object({ orderId: z.string() }) }
const TooMany = z.object({ sku: Sku, possible: Count })
const Items = z.array(Item).min(1).max(100)

/** Who ordered what, and how far it got. */
export const orders = contract('orders', {
  /** Places an order at today's prices. It is `placed` at once, and later `confirmed` and `shipped`, or `cancelled`. */
  place: command({
    http: 'POST /orders',
    input: z.object({
      lines: z
        .array(Item.extend({ quantity: Quantity.max(99) }))
        .min(1)
        .max(20),
      card: z.string().regex(/^tok_[a-z]+$/),
      country: z.string().max(60).default('Unspecified'),
    }),
    output: z.object({ orderId: z.string() }),
    errors: { UnknownProduct: z.object({ sku: Sku }) },
  }),

  /**
   * Books an invoice as the till or a sales representative wrote it. Every line is accepted, or refused with its reason; none is dropped.
   * The accepted lines of a sale become an order at the invoice's prices, which may still come to nothing as a whole. A credit takes back
   * what its customer has bought, the newest first, at the price that was paid; all that was bought before is seen.
   */
  enter: command({
    http: 'POST /invoices',
    consistency: 'strong',
    input: InvoiceDocument,
    output: z.object({
      invoice: z.string(),
      orderId: z.string().nullable(),
      accepted: Count,
      refused: z.array(z.object({ line: Count, reason: LineRefusal })),
    }),
    errors: { AlreadyEntered: z.object({ invoice: z.string() }) },
    statuses: { AlreadyEntered: 409 },
  }),

  /**
   * The whole order. Until it is paid it is `cancelled` at once; afterwards what has not left is `asked` back, and paid back if it really
   * has not. Cancelling twice is cancelling once.
   */
  cancel: command({
    http: 'POST /orders/:orderId/cancel',
    input: z.object({ orderId: OrderId }),
    output: z.object({ outcome: z.enum(['cancelled', 'asked']) }),
    errors: { ...OrderErrors, TooLate: z.object({ status: OrderStatus }) },
    statuses: { NotYours: 403, TooLate: 409 },
  }),

  /** Some items of a confirmed order, all of them or, if one has left meanwhile, none. */
  cancelItems: command({
    http: 'POST /orders/:orderId/cancellations',
    input: z.object({ orderId: OrderId, items: Items }),
    output: z.object({ request: z.string() }),
    errors: { ...OrderErrors, NotConfirmed: z.object({ status: OrderStatus }), TooMany },
    statuses: { NotYours: 403, NotConfirmed: 409, TooMany: 409 },
  }),

  /** Items that were shipped come back, and are paid back at the price they were bought at. */
  returnItems: command({
    http: 'POST /orders/:orderId/returns',
    input: z.object({ orderId: OrderId, items: Items, reason: z.string().max(200) }),
    output: z.object({ request: z.string() }),
    errors: { ...OrderErrors, TooMany },
    statuses: { NotYours: 403, TooMany: 409 },
  }),

  /** From the log, so that nothing has to be waited for. */
  byId: query({
    http: 'GET /orders/:orderId',
    consistency: 'eventual',
    input: z.object({ orderId: OrderId }),
    output: z.object({
      orderId: z.string(),
      customerId: z.string(),
      country: z.string(),
      status: OrderStatus,
      reason: Reason.nullable(),
      lines: z.array(OrderLine),
      total: Money,
      refunded: Money,
      placedAt: z.string(),
    }),
    errors: { NotFound: z.object({ orderId: z.string() }) },
  }),

  /** The caller's orders, newest first. */
  mine: query({
    http: 'GET /orders',
    input: PageRequest,
    output: pageOf(
      z.object({
        orderId: z.string(),
        status: OrderStatus,
        reason: Reason.nullable(),
        total: Money,
        refunded: Money,
        placedAt: z.string(),
        updatedAt: z.string(),
      }),
    ),
  }),

  /** An invoice as it was entered; where its order came to nothing, `outcome` says why. */
  invoice: query({
    http: 'GET /invoices/:invoice',
    input: z.object({ invoice: z.string().min(1).max(20) }),
    output: z.object({
      invoice: z.string(),
      kind: InvoiceKind,
      orderId: z.string().nullable(),
      customerId: z.string().nullable(),
      country: z.string(),
      outcome: Reason.nullable(),
      lines: z.array(EnteredLine),
    }),
    errors: { NotFound: z.object({ invoice: z.string() }) },
  }),

  sales: query({ http: 'GET /reports/sales', input: z.object({ by: z.enum(['month', 'country']) }), output: z.array(SalesFigures) }),
  /** By net quantity. What was received is under the number as it was written, which may differ in case. */
  topProducts: query({ http: 'GET /reports/top-products', input: TopRequest, output: z.array(Figures) }),
  /** By net amount. */
  topCustomers: query({ http: 'GET /reports/top-customers', input: TopRequest, output: z.array(Figures) }),

  /** How many orders stand where, what they come to, and what was sold in those that were confirmed. */
  ledger: query({
    http: 'GET /ledgers/orders',
    output: z.object({
      open: Count,
      confirmed: Count,
      shipped: Count,
      cancelled: Count,
      /** Of confirmed orders, less what was cancelled and returned. */
      total: Money,
      sold: z.array(z.object({ sku: Sku, ordered: Count, cancelled: Count, returned: Count })),
    }),
  }),

  /** Every line that was ever entered: accepted, or refused for a reason, which may be its whole order's. */
  received: query({
    http: 'GET /ledgers/received',
    output: z.object({
      invoices: z.object({ sale: Count, credit: Count, adjustment: Count }),
      lines: Count,
      accepted: Count,
      refused: z.array(z.object({ reason: z.union([LineRefusal, Reason]), lines: Count })),
      quantity: Count,
      amount: z.string(),
    }),
  }),

  Placed: event(z.object({ orderId: z.string(), customerId: z.string(), items: z.array(Item), total: Money })),
  /** Paid for; the goods are the customer's. */
  Confirmed: event(z.object({ orderId: z.string(), customerId: z.string(), country: z.string(), items: z.array(Item), ship: Ship })),
  /** It came to nothing before it was confirmed. */
  Cancelled: event(z.object({ orderId: z.string(), customerId: z.string(), reason: Reason })),
  Returned: event(z.object({ orderId: z.string(), request: z.string(), items: z.array(Item) })),
})
