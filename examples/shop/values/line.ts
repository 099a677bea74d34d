import { z } from 'zod'

/** A product's number: `TEA-001`. */
export const Sku = z.string().regex(/^[A-Z]{3}-[0-9]{3}$/, 'expected three capitals, a dash and three digits, as in TEA-001')

/** How many pieces of one product. */
export const Quantity = z.number().int().min(1)

/** So many pieces of one product. */
export const Line = z.object({ sku: Sku, quantity: Quantity })
export type Line = z.infer<typeof Line>
