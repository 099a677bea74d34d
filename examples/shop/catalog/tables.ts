import { euros } from '../values/money.ts'
import type { Product } from './contract.ts'

/** The tables of `migrations/`, for Kysely. */
export interface Tables {
  product: { sku: string; name: string; description: string }
  price: { sku: string; valid_from: Date; cents: number }
}

export interface ListedRow {
  readonly sku: string
  readonly name: string
  readonly description: string
  readonly cents: number
}

export function productOf({ sku, name, description, cents }: ListedRow): Product {
  return { sku, name, description, price: euros(cents) }
}
