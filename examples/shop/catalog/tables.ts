import { euros } from '../values/money.ts'
import type { Product } from './contract.ts'

/** The tables of `migrations/`, for Kysely. */
export interface Tables {
  product: ProductRow
}
export interface ProductRow {
  sku: string
  name: string
  description: string
  price_cents: number
}

export function rowOf({ sku, name, description, price }: Product): ProductRow {
  return { sku, name, description, price_cents: price.amount }
}

export function productOf({ sku, name, description, price_cents }: ProductRow): Product {
  return { sku, name, description, price: euros(price_cents) }
}
