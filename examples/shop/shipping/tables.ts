/** The tables of `migrations/`, for Kysely. Integers of eight bytes come as text. */
export interface Tables {
  shipment: { order_id: string; customer_id: string; country: string; ship: 'at once' | 'held'; to_send: string; parcels: number }
  parcel: { tracking: string; order_id: string; parcel: number; dispatched_at: Date; delivered_at: Date | null }
  flow: { sku: string; way: 'requested' | 'withdrawn' | 'dispatched'; pieces: string }
}
