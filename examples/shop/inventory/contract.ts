import { command, contract, event, query } from 'banyan'
import { z } from 'zod'
import { Quantity, Sku } from '../values/item.ts'
import { PageRequest, pageOf } from '../values/page.ts'

const Count = z.number().int()

/** Fewer pieces than an order asks for. */
export const Shortage = z.object({ sku: Sku, wanted: Count, available: Count })

/** One change of what lies on a shelf: `received` and `returned` add; `reserved`, `released` and `sold` move pieces for an order. */
export const Movement = z.object({
  id: z.string(),
  sku: Sku,
  kind: z.enum(['received', 'reserved', 'released', 'sold', 'returned']),
  quantity: Count,
  /** The order it was for; the delivery note it came with. */
  reference: z.string(),
  at: z.string(),
})

/** What is on the shelves, and for whom it is kept. */
export const inventory = contract('inventory', {
  /** Books a delivery. A delivery note is booked once, however often it is sent. */
  receive: command({
    http: 'POST /stock/:sku/receipts',
    input: z.object({ sku: Sku, quantity: Quantity.max(1_000_000), delivery: z.string().min(1).max(60) }),
  }),

  /** The time of a reservation is over. The service sends it to itself, for later; what is paid for by then stays reserved. */
  expire: command({ input: z.object({ orderId: z.string().min(1).max(100) }) }),

  /** How many pieces can be ordered, and how many are kept for orders. */
  level: query({
    http: 'GET /stock/:sku',
    input: z.object({ sku: Sku }),
    output: z.object({ sku: Sku, available: Count, reserved: Count }),
    errors: { NotFound: z.object({ sku: Sku }) },
  }),

  /** What happened to a product's stock, newest first. */
  movements: query({ http: 'GET /stock/:sku/movements', input: PageRequest.extend({ sku: Sku }), output: pageOf(Movement) }),

  /** Per product, the sums of its movements beside what the shelf is said to hold. */
  ledger: query({
    http: 'GET /ledgers/inventory',
    output: z.array(
      z.object({
        sku: Sku,
        received: Count,
        reserved: Count,
        released: Count,
        sold: Count,
        returned: Count,
        onShelf: z.object({ available: Count, reserved: Count }),
      }),
    ),
  }),

  /** Every item of the order is kept for it. */
  Reserved: event(z.object({ orderId: z.string() })),
  /** The order was not paid for in time. Its items stay reserved until it is cancelled, so that nobody else gets what it is just paid for. */
  Expired: event(z.object({ orderId: z.string() })),
  /** Nothing is kept for the order, because of these items. */
  SoldOut: event(z.object({ orderId: z.string(), short: z.array(Shortage) })),
})
