import { command, contract, event } from 'banyan'
import { z } from 'zod'

const OrderId = z.string().min(1).max(100)

/** Money for orders. */
export const payments = contract('payments', {
  /** Asks for an order's money, once; who asked hears Captured or Declined. It has no route: it is for other services. */
  charge: command({ input: z.object({ orderId: OrderId, amount: z.number().int().min(1) }) }),

  Captured: event(z.object({ orderId: OrderId, amount: z.number() })),
  Declined: event(z.object({ orderId: OrderId, reason: z.string() })),
})
