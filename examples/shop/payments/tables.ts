/** The tables of `migrations/`, for Kysely. */
export interface Tables {
  payment_ledger: { id: string; order_id: string; kind: 'captured' | 'refunded'; reference: string; cents: string; at: Date }
}
