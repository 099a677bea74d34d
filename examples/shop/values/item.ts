import { z } from 'zod'

/** A product's number, as `TEA-001`, `85123A` or `BANK CHARGES`: capitals and digits, with spaces, dots, dashes and underscores inside. */
export const Sku = z
  .string()
  .regex(/^[A-Z0-9](?:[A-Z0-9 ._-]{0,28}[A-Z0-9._-])?$/, 'expected up to 30 capitals, digits, dashes, dots and spaces, as in TEA-001')

/** How many pieces of one product. */
export const Quantity = z.number().int().min(1)

/** So many pieces of one product. */
export const Item = z.object({ sku: Sku, quantity: Quantity })
export type Item = z.infer<typeof Item>

/** Each product once, with all its pieces, in the order in which they first come. */
export function merged(items: Iterable<Item>): Item[] {
  const quantities = new Map<string, number>()
  for (const { sku, quantity } of items) quantities.set(sku, (quantities.get(sku) ?? 0) + quantity)
  return [...quantities].map(([sku, quantity]) => ({ sku, quantity }))
}

export function pieces(items: readonly { readonly quantity: number }[]): number {
  return items.reduce((total, { quantity }) => total + quantity, 0)
}
