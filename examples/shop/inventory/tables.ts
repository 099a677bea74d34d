/** The tables of `migrations/`, for Kysely. Integers of eight bytes come as text. */
export interface Tables {
  stock_level: { sku: string; available: string; reserved: string }
  movement: MovementRow
}
export interface MovementRow {
  id: string
  sku: string
  kind: 'received' | 'reserved' | 'released' | 'sold' | 'returned'
  quantity: number
  reference: string
  at: Date
}
