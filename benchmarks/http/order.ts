import { z } from 'zod'

/** What is placed, the same for every contender. */
export const Order = z.object({
  customerId: z.string().min(1).max(40),
  currency: z.enum(['EUR', 'USD', 'GBP']),
  country: z.string().length(2),
  express: z.boolean(),
  note: z.string().max(200),
  lines: z
    .array(z.object({ sku: z.string().min(1).max(40), quantity: z.int().min(1), price: z.int().min(0) }))
    .min(1)
    .max(50),
})
export type Order = z.infer<typeof Order>

export const example: Order = {
  customerId: 'customer-12345',
  currency: 'EUR',
  country: 'DE',
  express: true,
  note: 'leave it with the neighbours',
  lines: [
    { sku: 'kettle-1l', quantity: 2, price: 2450 },
    { sku: 'tea-green-250g', quantity: 1, price: 790 },
  ],
}
