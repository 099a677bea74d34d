import { Tally, type Figures } from './figures.ts'
import { isGoods } from './goods.ts'
import type { Invoice } from './invoice.ts'
import type { SheetLine } from './sheet.ts'

/** What a file says of a product, whose number is in upper case. */
export interface Good {
  readonly sku: string
  /** The first description that is one. */
  name: string
  /** The first price above nothing in cents, fractions rounded up; `undefined`: it was never sold for money. */
  cents: number | undefined
  /** Pieces on all sales. */
  demand: number
}

export interface Survey {
  readonly figures: Figures
  /** By number. */
  readonly goods: readonly Good[]
}

/** Goes once over a file: what it comes to, and what a shop must list and have on its shelves to serve it. */
export async function survey(invoices: AsyncIterable<Invoice>, watch: (lines: number) => void = () => {}): Promise<Survey> {
  const tally = new Tally()
  const goods = new Map<string, Good>()
  let lines = 0
  for await (const invoice of invoices) {
    tally.add(invoice)
    for (const line of invoice.lines) note(goods, line, invoice.kind === 'sale')
    watch((lines += invoice.lines.length))
  }
  return { figures: tally.figures, goods: [...goods.values()].sort((one, other) => (one.sku < other.sku ? -1 : 1)) }
}

function note(goods: Map<string, Good>, { sku: written, description, thousandths, quantity }: SheetLine, sale: boolean): void {
  const sku = written.toUpperCase()
  if (!isGoods(sku)) return
  const good = goods.get(sku) ?? { sku, name: '', cents: undefined, demand: 0 }
  goods.set(sku, good)
  if (good.name === '') good.name = copied(description.trim())
  if (good.cents === undefined && thousandths > 0) good.cents = Math.ceil(thousandths / 10)
  if (sale && quantity > 0) good.demand += quantity
}

/** A text of its own: part of a larger one would keep the whole piece of the file in memory. */
function copied(text: string): string {
  return Buffer.from(text).toString()
}
