import type { OrderStatus, Reason } from './contract.ts'

/** The tables of `migrations/`, for Kysely. */
export interface Tables {
  order_view: {
    order_id: string
    customer_id: string
    status: OrderStatus
    reason: Reason | null
    total_cents: number
    placed_at: Date
    updated_at: Date
  }
  order_line: { order_id: string; sku: string; quantity: number }
}
