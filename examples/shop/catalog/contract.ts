import { command, contract, event, query } from 'banyan'
import { z } from 'zod'
import { Sku } from '../values/item.ts'
import { Money, Price } from '../values/money.ts'
import { PageRequest, pageOf } from '../values/page.ts'

export const Product = z.object({ sku: Sku, name: z.string().min(1).max(80), description: z.string().max(300), price: Price })
export type Product = z.infer<typeof Product>

const Moment = z.iso.datetime()

/** What the shop sells, and at what price. */
export const catalog = contract('catalog', {
  /** Products by number; with `q`, those that have all its words, the last of which may be only begun. */
  products: query({ http: 'GET /products', input: PageRequest.extend({ q: z.string().max(100).optional() }), output: pageOf(Product) }),

  product: query({
    http: 'GET /products/:sku',
    input: z.object({ sku: Sku }),
    output: Product,
    errors: { NotFound: z.object({ sku: Sku }) },
  }),

  /** A product's prices and since when, or from when, each is its price; the latest first. */
  priceList: query({
    http: 'GET /products/:sku/prices',
    input: PageRequest.extend({ sku: Sku, after: Moment.optional() }),
    output: pageOf(z.object({ price: Money, from: z.string() })),
  }),

  /** Prices now, or `at` a moment; a product that is not listed, or was not then, is missing in the answer. For other services. */
  prices: query({ input: z.object({ skus: z.array(Sku).max(2000), at: Moment.optional() }), output: z.record(z.string(), Money) }),

  add: command({
    http: 'POST /products',
    input: Product,
    errors: { AlreadyListed: z.object({ sku: Sku }) },
    statuses: { AlreadyListed: 409 },
  }),

  /** Changes the price, at once or from a moment on. */
  reprice: command({
    http: 'PUT /products/:sku/price',
    input: z.object({ sku: Sku, price: Price, from: Moment.optional() }),
    errors: { NotFound: z.object({ sku: Sku }) },
  }),

  Listed: event(Product),
  Repriced: event(z.object({ sku: Sku, price: Price, from: z.string() })),
})
