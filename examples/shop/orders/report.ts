import { z } from 'zod'

const Count = z.number().int()
/** Exact, to the tenth of a cent: `2.550`. */
const Amount = z.string()

/** What was entered, as the till wrote it, whether it was accepted or not. */
const Received = z.object({ sales: Count, credits: Count, lines: Count, quantity: Count, amount: Amount })
/** What came of it: orders that were confirmed, less what was cancelled afterwards or returned. Orders of customers are among them. */
const Accepted = z.object({ orders: Count, lines: Count, quantity: Count, amount: Amount })

export const Figures = z.object({ key: z.string(), received: Received, accepted: Accepted })
export type Figures = z.infer<typeof Figures>

/** Different customers, of whom something was received, and of whom something was accepted. */
export const SalesFigures = Figures.extend({ customers: z.object({ received: Count, accepted: Count }).optional() })

export const TopRequest = z.object({ limit: z.number().int().min(1).max(100).default(10), by: z.enum(['received', 'accepted']).default('received') })
