import { command, contract, event, query } from 'banyan'
import { z } from 'zod'
import { Sku } from '../values/line.ts'
import { Money, Price } from '../values/money.ts'
import { PageRequest, pageOf } from '../values/page.ts'

export const Product = z.object({ sku: Sku, name: z.string().min(1).max(80), description: z.string().max(300), price: Price })
export type Product = z.infer<typeof Product>

/** What the shop sells, and at what price. */
export const catalog = contract('catalog', {
  /** All products, by number. */
  products: query({ http: 'GET /products', input: PageRequest, output: pageOf(Product) }),

  product: query({
    http: 'GET /products/:sku',
    input: z.object({ sku: Sku }),
    output: Product,
    errors: { NotFound: z.object({ sku: Sku }) },
  }),

  /** Today's prices; a product that is not listed is missing in the answer. For other services. */
  prices: query({ input: z.object({ skus: z.array(Sku).max(100) }), output: z.record(z.string(), Money) }),

  add: command({
    http: 'POST /products',
    input: Product,
    errors: { AlreadyListed: z.object({ sku: Sku }) },
    statuses: { AlreadyListed: 409 },
  }),

  reprice: command({
    http: 'PUT /products/:sku/price',
    input: z.object({ sku: Sku, price: Price }),
    errors: { NotFound: z.object({ sku: Sku }) },
  }),

  Listed: event(Product),
  Repriced: event(z.object({ sku: Sku, price: Price })),
})
