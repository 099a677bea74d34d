/** The tables of `migrations/`, for Kysely. */
export interface Tables {
  stock_level: { sku: string; available: number; reserved: number }
  movement: MovementRow
}
export interface MovementRow {
  id: string
  sku: string
  kind: 'received' | 'reserved' | 'released' | 'sold'
  quantity: number
  reference: string
  at: Date
}
