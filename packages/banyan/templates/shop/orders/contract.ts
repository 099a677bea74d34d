import { command, contract, query } from 'banyan'
import { z } from 'zod'
import { Price, Sku } from '../catalog/contract.ts'

const OrderId = z.string().min(1).max(100)
export const Line = z.object({ sku: Sku, quantity: z.number().int().min(1).max(99) })
export type Line = z.infer<typeof Line>
export const PricedLine = Line.extend({ price: Price })
export type PricedLine = z.infer<typeof PricedLine>

export const Status = z.enum(['placed', 'paid', 'declined'])
export type Status = z.infer<typeof Status>

/** Who ordered what, and whether it is paid. */
export const orders = contract('orders', {
  /** Places an order at today's prices. It is `placed` at once, and `paid` or `declined` a moment later. */
  place: command({
    http: 'POST /orders',
    input: z.object({ lines: z.array(Line).min(1).max(20) }),
    output: z.object({ orderId: OrderId }),
    errors: { UnknownProduct: z.object({ sku: Sku }) },
  }),

  byId: query({
    http: 'GET /orders/:orderId',
    input: z.object({ orderId: OrderId }),
    output: z.object({ orderId: OrderId, customerId: z.string(), status: Status, lines: z.array(PricedLine), total: z.number() }),
    errors: { NotFound: z.object({ orderId: OrderId }) },
  }),

  /** The caller's own, newest first; the next page is the one before the last id of this one. */
  mine: query({
    http: 'GET /orders',
    input: z.object({ before: OrderId.optional(), limit: z.number().int().min(1).max(100).default(20) }),
    output: z.array(z.object({ orderId: OrderId, status: Status, total: z.number() })),
  }),
})
