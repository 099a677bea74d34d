import { z } from 'zod'

/** What every contender is called with: ten plain fields, which is little to check, so that what surrounds the check shows. */
export const Order = z.object({
  orderId: z.string().min(1).max(40),
  customerId: z.string().min(1).max(40),
  sku: z.string().min(1).max(40),
  quantity: z.int().min(1),
  price: z.number().min(0),
  currency: z.enum(['EUR', 'USD', 'GBP']),
  country: z.string().length(2),
  express: z.boolean(),
  note: z.string().max(200),
  placedAt: z.string().max(40),
})
export const Quote = z.object({ orderId: z.string(), total: z.number() })

export const example: z.infer<typeof Order> = {
  orderId: '019ab4b4-2f00-7000-8000-000000000001',
  customerId: 'customer-42',
  sku: 'kettle-1l',
  quantity: 3,
  price: 24.5,
  currency: 'EUR',
  country: 'DE',
  express: true,
  note: 'leave it with the neighbours',
  placedAt: '2026-11-21T08:00:00.000Z',
}

/** The operation itself, the same function for every contender. */
export async function quote({ orderId, quantity, price, express }: z.infer<typeof Order>): Promise<z.infer<typeof Quote>> {
  return { orderId, total: quantity * price + (express ? 5 : 0) }
}
