import { z } from 'zod'

/** What is asked for, the same for every contender. */
export const Product = z.object({
  sku: z.string(),
  name: z.string(),
  description: z.string(),
  price: z.object({ amount: z.int(), currency: z.string() }),
  tags: z.array(z.string()),
  available: z.int(),
})
export type Product = z.infer<typeof Product>

export const SKU = 'kettle-1l'

/** As if read from memory: what the database takes is the same for all. */
export function find(sku: string): Product | undefined {
  if (sku !== SKU) return undefined
  return {
    sku,
    name: 'Kettle, one litre',
    description: 'Boils a litre of water in three minutes, and says so.',
    price: { amount: 2450, currency: 'EUR' },
    tags: ['kitchen', 'steel'],
    available: 12,
  }
}
