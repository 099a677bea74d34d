import { command, contract, event, query } from 'banyan'
import { z } from 'zod'
import { Item, Sku } from '../values/item.ts'
import { PageRequest, pageOf } from '../values/page.ts'

const OrderId = z.string().min(1).max(100)
const Count = z.number().int()

export const Parcel = z.object({
  parcel: Count,
  tracking: z.string(),
  items: z.array(Item),
  dispatchedAt: z.string(),
  deliveredAt: z.string().nullable(),
})
export type Parcel = z.infer<typeof Parcel>

const NotFound = z.object({ orderId: z.string() })

/** Parcels, and what they are made of. What has left the house nobody else knows for sure. */
export const shipping = contract('shipping', {
  /** Sends what is left of a shipment. The service sends it to itself, for later: it takes a while to pack. */
  pack: command({ input: z.object({ orderId: OrderId }) }),

  /** Sends a parcel: these items, or all that is left. */
  dispatch: command({
    http: 'POST /shipments/:orderId/parcels',
    input: z.object({ orderId: OrderId, items: z.array(Item).min(1).max(2000).optional() }),
    output: z.object({ parcel: Count, tracking: z.string() }),
    errors: { NotFound, NothingToSend: z.object({ orderId: z.string() }), TooMany: z.object({ sku: Sku, possible: Count }) },
    statuses: { NothingToSend: 409, TooMany: 409 },
  }),

  delivered: command({
    http: 'POST /shipments/:orderId/parcels/:parcel/delivered',
    input: z.object({ orderId: OrderId, parcel: Count }),
    errors: { NotFound },
  }),

  /**
   * Keeps items back that were to be sent; where they have left, `partly` says whether the others are kept back. For `orders`, which hears
   * Withdrawn with what was kept back, or TooLate.
   */
  withdraw: command({ input: z.object({ orderId: OrderId, request: z.string().min(1).max(100), items: z.array(Item).min(1).max(2000), partly: z.boolean() }) }),

  byOrder: query({
    http: 'GET /shipments/:orderId',
    input: z.object({ orderId: OrderId }),
    output: z.object({ orderId: z.string(), customerId: z.string(), country: z.string(), toSend: z.array(Item), parcels: z.array(Parcel) }),
    errors: { NotFound },
  }),

  /** Where a parcel is; for whoever has its number. */
  track: query({
    http: 'GET /tracking/:tracking',
    input: z.object({ tracking: z.string().min(1).max(60) }),
    output: z.object({ tracking: z.string(), status: z.enum(['on its way', 'delivered']), dispatchedAt: z.string(), deliveredAt: z.string().nullable() }),
    errors: { NotFound: z.object({ tracking: z.string() }) },
  }),

  /** Shipments of which something is left to send, by order. */
  open: query({
    http: 'GET /shipments',
    input: PageRequest,
    output: pageOf(
      z.object({ orderId: z.string(), customerId: z.string(), country: z.string(), ship: z.enum(['at once', 'held']), pieces: Count, parcels: Count }),
    ),
  }),

  /** What was to be sent, what was kept back and what was sent, by product. */
  ledger: query({
    http: 'GET /ledgers/shipping',
    output: z.object({
      parcels: Count,
      delivered: Count,
      products: z.array(z.object({ sku: Sku, requested: Count, withdrawn: Count, dispatched: Count })),
    }),
  }),

  Dispatched: event(z.object({ orderId: z.string(), customerId: z.string(), parcel: Count, tracking: z.string(), items: z.array(Item) })),
  Delivered: event(z.object({ orderId: z.string(), customerId: z.string(), parcel: Count })),
  /** These have not left and will not; of a request that was to be met partly it may be less than was asked for. */
  Withdrawn: event(z.object({ orderId: z.string(), request: z.string(), items: z.array(Item) })),
  /** What the request is about has left. */
  TooLate: event(z.object({ orderId: z.string(), request: z.string() })),
})
