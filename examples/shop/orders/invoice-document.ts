import { z } from 'zod'
import { fromDecimal } from '../values/money.ts'

/** Why a line of an invoice came to nothing when it was entered. */
export const LineRefusal = z.enum([
  'unknown product',
  'no price',
  'negative price',
  'fraction of a cent',
  'no quantity',
  // of credits
  'no customer',
  'not bought here',
  'more than was bought',
  // of adjustments
  'not goods',
])
export type LineRefusal = z.infer<typeof LineRefusal>

/** A sale, goods that come back, or money without goods. */
export const InvoiceKind = z.enum(['sale', 'credit', 'adjustment'])

/** More than any line comes to; together two thousand of them still are a number that a computer has. */
const MOST_CENTS = 1_000_000_000_000

/** A line as it was written, however odd: the till's time without a zone, prices to the tenth of a cent, quantities of any sign. */
export const InvoiceLine = z
  .object({
    line: z.number().int().min(1).max(1_000_000),
    sku: z.string().min(1).max(40),
    description: z.string().max(200),
    quantity: z.number().int().min(-10_000_000).max(10_000_000),
    price: z.string().regex(/^-?\d{1,9}(\.\d{1,3})?$/, 'expected a decimal with three places at most, as in 2.55'),
    at: z
      .string()
      .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/, 'expected a time without a zone, as in 2010-12-01T08:26:00')
      .refine((at) => !Number.isNaN(Date.parse(`${at}Z`)), 'expected a time that exists'),
  })
  .refine(({ quantity, price }) => Math.abs(quantity * Number(price) * 100) <= MOST_CENTS, 'expected a line of at most ten thousand million')
export type InvoiceLine = z.infer<typeof InvoiceLine>

export const InvoiceDocument = z.object({
  invoice: z.string().min(1).max(20),
  kind: InvoiceKind,
  customerId: z.string().min(1).max(60).nullable(),
  country: z.string().max(60),
  card: z
    .string()
    .regex(/^tok_[a-z]+$/)
    .default('tok_ok'),
  ship: z.enum(['at once', 'held']).default('at once'),
  lines: z
    .array(InvoiceLine)
    .min(1)
    .max(2000)
    .refine((lines) => new Set(lines.map(({ line }) => line)).size === lines.length, 'expected each line number once'),
})

/** What a line was entered as: accepted, or refused and why. */
export const EnteredLine = z.object({ ...InvoiceLine.shape, refused: LineRefusal.nullable() })
export type EnteredLine = z.infer<typeof EnteredLine>

/** Judges the line of a sale; `listed` are the products that are sold here. */
export function refusalOfSale({ sku, quantity, price }: InvoiceLine, listed: ReadonlySet<string>): LineRefusal | null {
  if (!listed.has(sku.toUpperCase())) return 'unknown product'
  const money = fromDecimal(price)
  if (money?.amount === 0) return 'no price'
  if (price.startsWith('-')) return 'negative price'
  if (!money) return 'fraction of a cent'
  return quantity > 0 ? null : 'no quantity'
}

/** The till has no zone, so its time is taken as UTC. */
export function momentOf(at: string): Date {
  return new Date(`${at}Z`)
}
