import type { ColumnType } from 'kysely'
import type { Item } from '../values/item.ts'

/** The tables of `migrations/`, for Kysely. */
export interface Tables {
  recipient: { customer_id: string; email: string | null; name: string | null }
  heard_order: { order_id: string; customer_id: string; items: ColumnType<Item[], string, string>; total_cents: ColumnType<string, number, number> }
  outbox: {
    notification_id: string
    customer_id: string
    subject: string
    text: string
    written_at: Date
    sent_at: Date | null
    sent_to: string | null
    refusal: string | null
  }
}
