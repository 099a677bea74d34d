import { merged, type Item } from '../values/item.ts'
import type { Bought } from './bought.ts'
import type { EnteredLine, InvoiceLine, LineRefusal } from './invoice-document.ts'

export interface Matched {
  readonly entered: EnteredLine[]
  /** What is taken back of each order. */
  readonly credits: readonly { readonly orderId: string; readonly items: readonly Item[] }[]
}

/**
 * Finds for each line of a credit the orders whose goods come back: the newest that have the product, and older ones for what is still
 * missing; the whole line or none of it. A credit does not say which sale it is about, and the newest is the likeliest.
 */
export function matched(lines: readonly InvoiceLine[], customerId: string | null, bought: readonly Bought[]): Matched {
  const left = new Map<string, { orderId: string; count: number }[]>()
  for (const { orderId, left: counts } of bought) for (const [sku, count] of counts) left.set(sku, [...(left.get(sku) ?? []), { orderId, count }])
  const taken = new Map<string, Item[]>()
  const entered = lines.map((line): EnteredLine => {
    const stocks = left.get(line.sku.toUpperCase())
    const refused = customerId === null ? 'no customer' : refusalOf(-line.quantity, stocks)
    if (refused === null) takeFrom(stocks!, { sku: line.sku.toUpperCase(), quantity: -line.quantity }, taken)
    return { ...line, refused }
  })
  return { entered, credits: [...taken].map(([orderId, items]) => ({ orderId, items: merged(items) })) }
}

function refusalOf(quantity: number, stocks: readonly { count: number }[] | undefined): LineRefusal | null {
  if (quantity <= 0) return 'no quantity'
  if (!stocks) return 'not bought here'
  return stocks.reduce((sum, { count }) => sum + count, 0) >= quantity ? null : 'more than was bought'
}

function takeFrom(stocks: { orderId: string; count: number }[], { sku, quantity }: Item, taken: Map<string, Item[]>): void {
  let missing = quantity
  for (const stock of stocks) {
    const part = Math.min(missing, stock.count)
    if (part === 0) continue
    stock.count -= part
    missing -= part
    taken
      .set(stock.orderId, taken.get(stock.orderId) ?? [])
      .get(stock.orderId)!
      .push({ sku, quantity: part })
  }
}
