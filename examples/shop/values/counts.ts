import type { Item } from './item.ts'

/** How many pieces of each product; a product of which there are none is not in it. */
export type Counts = Readonly<Record<string, number>>

export function plus(counts: Counts, items: readonly Item[]): Counts {
  const sums = { ...counts }
  for (const { sku, quantity } of items) {
    const sum = (sums[sku] ?? 0) + quantity
    if (sum === 0) delete sums[sku]
    else sums[sku] = sum
  }
  return sums
}

export function minus(counts: Counts, items: readonly Item[]): Counts {
  return plus(
    counts,
    items.map(({ sku, quantity }) => ({ sku, quantity: -quantity })),
  )
}

export function itemsOf(counts: Counts): Item[] {
  return Object.entries(counts)
    .filter(([, quantity]) => quantity > 0)
    .map(([sku, quantity]) => ({ sku, quantity }))
}

/** As much of the items, each of another product, as the counts have. */
export function within(counts: Counts, items: readonly Item[]): Item[] {
  return items.map(({ sku, quantity }) => ({ sku, quantity: Math.min(quantity, counts[sku] ?? 0) })).filter(({ quantity }) => quantity > 0)
}

/** The first of the items, each of another product, of which the counts have too few. */
export function lacking(counts: Counts, items: readonly Item[]): { sku: string; possible: number } | undefined {
  const short = items.find(({ sku, quantity }) => quantity > (counts[sku] ?? 0))
  return short && { sku: short.sku, possible: counts[short.sku] ?? 0 }
}
