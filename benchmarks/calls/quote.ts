import { z } from 'zod'

/** What every contender is called with: 200 bytes as JSON. */
export const Enquiry = z.object({
  orderId: z.string().min(1).max(40),
  customerId: z.string().min(1).max(40),
  sku: z.string().min(1).max(40),
  quantity: z.int().min(1),
  price: z.number().min(0),
  currency: z.enum(['EUR', 'USD', 'GBP']),
  country: z.string().length(2),
  express: z.boolean(),
  note: z.string().max(200),
})
export type Enquiry = z.infer<typeof Enquiry>

/** What it answers: 200 bytes as well. */
export const Quote = z.object({
  orderId: z.string(),
  sku: z.string(),
  quantity: z.int(),
  total: z.number(),
  currency: z.enum(['EUR', 'USD', 'GBP']),
  tax: z.number(),
  delivery: z.string(),
  remark: z.string(),
})
export type Quote = z.infer<typeof Quote>

export const example: Enquiry = {
  orderId: '019ab4b4-2f00-7000-8000-000000000001',
  customerId: 'customer-12345',
  sku: 'kettle-1l',
  quantity: 3,
  price: 24.5,
  currency: 'EUR',
  country: 'DE',
  express: true,
  note: 'leave it next door',
}

/** The operation itself, the same function for every contender. */
export function quote({ orderId, sku, quantity, price, currency, express }: Enquiry): Quote {
  const total = quantity * price + (express ? 5 : 0)
  return { orderId, sku, quantity, total, currency, tax: total * 0.19, delivery: express ? 'tomorrow' : 'on Friday', remark: 'good until the end of the week' }
}

/** What goes along for tracing where a contender has no traces of its own. */
export const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03'
export const DEADLINE_MS = 5_000
