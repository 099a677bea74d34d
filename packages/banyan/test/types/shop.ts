import { aggregate, command, contract, event, events, implement, postgres, query } from 'banyan'
import { z } from 'zod'

export const line = z.object({ sku: z.string(), quantity: z.number().int().positive() })
export type Line = z.infer<typeof line>

export const catalog = contract('catalog', {
  prices: query({ input: z.object({ skus: z.array(z.string()) }), output: z.record(z.string(), z.number()) }),
  Repriced: event(z.object({ sku: z.string(), price: z.number() })),
})

export const payments = contract('payments', {
  charge: command({
    input: z.object({ orderId: z.string(), total: z.number() }),
    output: z.object({ chargeId: z.string() }),
    errors: { Refused: z.object({ reason: z.string() }) },
  }),
  status: query({ input: z.object({ orderId: z.string() }), output: z.enum(['open', 'paid']) }),
  Declined: event(z.object({ orderId: z.string(), reason: z.string() })),
})

/** A contract that orders does not use. */
export const shipping = contract('shipping', {
  ship: command({ input: z.object({ orderId: z.string() }) }),
  Shipped: event(z.object({ orderId: z.string() })),
})

export const orders = contract('orders', {
  place: command({
    http: 'POST /orders',
    input: z.object({ lines: z.array(line).min(1), note: z.string().default('') }),
    output: z.object({ orderId: z.string() }),
    errors: { UnknownProduct: z.object({ sku: z.string() }) },
  }),
  cancel: command({ http: 'DELETE /orders/:orderId', input: z.object({ orderId: z.string() }) }),
  byId: query({
    http: 'GET /orders/:orderId',
    input: z.object({ orderId: z.string() }),
    output: z.object({ orderId: z.string(), customerId: z.string() }),
    errors: { NotFound: z.object({ orderId: z.string() }) },
  }),
  Placed: event(z.object({ orderId: z.string(), total: z.number() })),
  Cancelled: event(z.object({ orderId: z.string(), reason: z.string() })),
})

export const { Placed, Cancelled } = events({
  Placed: z.object({ orderId: z.string(), customerId: z.string(), total: z.number() }),
  Cancelled: z.object({ reason: z.string() }),
})
/** An event of no aggregate here. */
export const { Refunded } = events({ Refunded: z.object({ amount: z.number() }) })

export type OrderState = { status: 'none' } | { status: 'placed'; total: number } | { status: 'cancelled' }
export interface Place {
  orderId: string
  total: number
  by: string
}

export const order = aggregate('order', {
  events: { Placed, Cancelled },
  initial: { status: 'none' } as OrderState,
  evolve: {
    Placed: (_state, { total }) => ({ status: 'placed', total }),
    Cancelled: (_state) => ({ status: 'cancelled' }),
  },
  decide: {
    place: (state, { orderId, total, by }: Place) => {
      if (state.status === 'none') return Placed({ orderId, customerId: by, total })
    },
    cancel: (state, command: { reason: string }) => (state.status === 'placed' ? [Cancelled(command)] : []),
    expire: () => Cancelled({ reason: 'expired' }),
  },
})

export interface Tables {
  order_view: { order_id: string; customer_id: string }
}

export const { handler, on, projection, service } = implement(orders, { uses: { catalog, payments }, store: postgres<Tables>() })

export const place = handler(orders.place, (_input, { id }) => ({ orderId: id() }))
export const cancel = handler(orders.cancel, ({ orderId }, { transact }) => transact((tx) => tx.decide(order, orderId).cancel({ reason: 'asked' })))
export const byId = handler(orders.byId, ({ orderId }) => ({ orderId, customerId: '' }))
