import { z } from 'zod'
import { merged, Quantity, Sku, type Item } from '../values/item.ts'
import { sum, times, type Money } from '../values/money.ts'
import type { PricedLine } from './contract.ts'

/** So many pieces of one line of an order. */
export const Share = z.object({ line: z.number().int(), sku: Sku, quantity: Quantity })
export type Share = z.infer<typeof Share>

/** A line of an order, and what became of its pieces. `asked`: it is not known yet whether they can be withdrawn. */
export interface KeptLine extends PricedLine {
  readonly cancelled: number
  readonly returned: number
  readonly asked: number
}

/** Pieces of a line that are still to be had, as far as is known. */
export function left({ quantity, cancelled, returned, asked }: KeptLine): number {
  return quantity - cancelled - returned - asked
}

/** Which lines the items are taken from: the first lines first, and no more than is left of each. */
export function sharesOf(lines: readonly KeptLine[], items: readonly Item[]): Share[] {
  return take(
    lines.map((line) => ({ line: line.line, sku: line.sku, quantity: left(line) })),
    items,
  )
}

/** As much of the items as the shares have, in their order. */
export function take(shares: readonly Share[], items: readonly Item[]): Share[] {
  const wanted = new Map(merged(items).map(({ sku, quantity }) => [sku, quantity]))
  return shares.flatMap(({ line, sku, quantity: most }) => {
    const quantity = Math.min(most, wanted.get(sku) ?? 0)
    if (quantity <= 0) return []
    wanted.set(sku, wanted.get(sku)! - quantity)
    return [{ line, sku, quantity }]
  })
}

/** What remains of the shares without those that were taken. */
export function without(shares: readonly Share[], taken: readonly Share[]): Share[] {
  const gone = byLine(taken)
  return shares.map((share) => ({ ...share, quantity: share.quantity - (gone.get(share.line) ?? 0) })).filter(({ quantity }) => quantity > 0)
}

export function itemsOf(shares: readonly Share[]): Item[] {
  return merged(shares)
}

/** What the shares cost. */
export function worth(lines: readonly PricedLine[], shares: readonly Share[]): Money {
  const quantities = byLine(shares)
  return sum(lines.map(({ line, price }) => times(price, quantities.get(line) ?? 0)))
}

/** Adds the shares to what the lines have of something. */
export function changed(lines: readonly KeptLine[], shares: readonly Share[], change: (line: KeptLine, quantity: number) => Partial<KeptLine>): KeptLine[] {
  const quantities = byLine(shares)
  return lines.map((line) => {
    const quantity = quantities.get(line.line)
    return quantity === undefined ? line : { ...line, ...change(line, quantity) }
  })
}

/** Pieces by product. */
export function bySku<Counted extends { readonly sku: string }>(all: readonly Counted[], count: (one: Counted) => number): Map<string, number> {
  const counts = new Map<string, number>()
  for (const one of all) counts.set(one.sku, (counts.get(one.sku) ?? 0) + count(one))
  return counts
}

function byLine(shares: readonly Share[]): ReadonlyMap<number, number> {
  return new Map(shares.map(({ line, quantity }) => [line, quantity]))
}
