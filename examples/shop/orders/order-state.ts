import type { Item } from '../values/item.ts'
import type { Money } from '../values/money.ts'
import type { OrderStatus, Reason } from './contract.ts'
import { bySku, left, type KeptLine, type Share } from './shares.ts'

/** What becomes of pieces that shipping can no longer withdraw: all stay with the customer, those that have left do, or they count as returned. */
export type Otherwise = 'all stay' | 'some stay' | 'returned'

export interface PlacedOrder {
  readonly status: OrderStatus
  readonly reason: Reason | null
  readonly customerId: string
  readonly country: string
  readonly card: string
  readonly ship: 'at once' | 'held'
  readonly placedAt: string
  readonly total: Money
  readonly paid: boolean
  readonly lines: readonly KeptLine[]
  /** Pieces by product that have left. */
  readonly shipped: Readonly<Record<string, number>>
  /** Pieces that have left, and pieces that are to leave. */
  readonly sent: number
  readonly toSend: number
  /** Number of the last parcel heard of. */
  readonly parcels: number
  /** Withdrawals that shipping has not answered yet. */
  readonly asked: Readonly<Record<string, { readonly shares: readonly Share[]; readonly otherwise: Otherwise }>>
  /** What is paid back, by what it is paid back for. */
  readonly refunds: Readonly<Record<string, Money>>
}
export type Order = { readonly status: 'none' } | PlacedOrder

/** Pieces by product that have not left and that nobody asked to have back, as far as is known here; what is true shipping says. */
export function unshipped({ lines, shipped }: PlacedOrder): Map<string, number> {
  const counts = bySku(lines, ({ quantity, cancelled, asked }) => quantity - cancelled - asked)
  for (const [sku, count] of counts) counts.set(sku, Math.max(0, count - (shipped[sku] ?? 0)))
  return counts
}

/** Pieces by product that have left and may come back. */
export function returnable({ lines, shipped }: PlacedOrder): Map<string, number> {
  const counts = bySku(lines, left)
  const returned = bySku(lines, (line) => line.returned)
  for (const [sku, count] of counts) counts.set(sku, Math.min(count, (shipped[sku] ?? 0) - (returned.get(sku) ?? 0)))
  return counts
}

/** Pieces by product that can be credited, wherever they are. */
export function creditable({ lines }: PlacedOrder): Map<string, number> {
  return bySku(lines, left)
}

export function itemsIn(counts: ReadonlyMap<string, number>): Item[] {
  return [...counts].filter(([, quantity]) => quantity > 0).map(([sku, quantity]) => ({ sku, quantity }))
}

/** Under what it is known that pieces were paid back: those that were withdrawn for a request, and those that came back for it. */
export const refundFor = { cancelled: (request: string): string => request, returned: (request: string): string => `${request} returned` } as const

/** What is paid back for a request. */
export function refundsOf(order: Order, request: string): { refundId: string; amount: Money }[] {
  if (order.status === 'none') return []
  return [refundFor.cancelled(request), refundFor.returned(request)].flatMap((refundId) => {
    const amount = order.refunds[refundId]
    return amount ? [{ refundId, amount }] : []
  })
}
