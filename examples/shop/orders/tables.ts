import type { OrderStatus, Reason } from './contract.ts'
import type { LineRefusal } from './invoice-document.ts'

/** The tables of `migrations/`, for Kysely. Integers of eight bytes come as text. */
export interface Tables {
  order_view: {
    order_id: string
    customer_id: string
    country: string
    status: OrderStatus
    reason: Reason | null
    confirmed: boolean
    total_cents: string
    refunded_cents: string
    to_send: string
    sent: string
    invoice: string | null
    placed_at: Date
    updated_at: Date
  }
  order_line: { order_id: string; line: number; sku: string; quantity: number; price_cents: string }
  invoice: { invoice: string; kind: 'sale' | 'credit' | 'adjustment'; order_id: string | null; customer_id: string | null; country: string }
  received: { invoice: string; line: number; sku: string; description: string; quantity: number; price: string; at: string; refused: LineRefusal | null }
  figure: { dimension: string; key: string; side: string; documents: string; lines: string; quantity: string; amount: string }
  month_customer: { month: string; side: 'received' | 'accepted'; customer_id: string }
}
