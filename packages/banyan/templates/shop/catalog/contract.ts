import { command, contract, query } from 'banyan'
import { z } from 'zod'

export const Sku = z.string().regex(/^[A-Z0-9-]{1,20}$/, 'is 1 to 20 capital letters, digits and dashes')
/** Euro cents. */
export const Price = z.number().int().min(1).max(1_000_000)

const Product = z.object({ sku: Sku, name: z.string().min(1).max(80), price: Price })

/** What the shop sells, and at what price. */
export const catalog = contract('catalog', {
  add: command({
    http: 'POST /products',
    input: Product,
    errors: { AlreadyListed: z.object({ sku: Sku }) },
    statuses: { AlreadyListed: 409 },
  }),

  /** By number; the next page is the one after the last number of this one. */
  products: query({
    http: 'GET /products',
    input: z.object({ after: Sku.optional(), limit: z.number().int().min(1).max(100).default(20) }),
    output: z.array(Product),
  }),

  /** Today's prices; a product that is not listed is missing in the answer. It has no route: it is for other services. */
  prices: query({ input: z.object({ skus: z.array(Sku).min(1).max(20) }), output: z.record(z.string(), Price) }),
})
