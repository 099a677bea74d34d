import type { Invoice, InvoiceKind } from './invoice.ts'
import type { SheetLine } from './sheet.ts'

export interface MonthFigures {
  readonly lines: number
  /** Of all kinds. */
  readonly invoices: number
  readonly sales: number
  readonly credits: number
  /** Different ones; lines without a customer count for none. */
  readonly customers: number
  readonly quantity: number
  /** In thousandths, as all amounts here. */
  readonly amount: number
}

/** What a file comes to. Amounts are in thousandths. */
export interface Figures {
  readonly lines: number
  readonly invoices: number
  readonly sales: number
  readonly credits: number
  readonly customers: number
  /** Codes as they are written, so that `85123a` and `85123A` are two. */
  readonly codes: number
  readonly quantity: number
  readonly amount: number
  readonly first: string
  readonly last: string
  readonly months: ReadonlyMap<string, MonthFigures>
  readonly countries: ReadonlyMap<string, number>
  /** Amount by customer, quantity by code; the largest first, equal ones by name. */
  readonly topCustomers: readonly (readonly [string, number])[]
  readonly topProducts: readonly (readonly [string, number])[]
}

/** Figures of somebody who does not say all of them. */
export type SomeFigures = Partial<Omit<Figures, 'months'>> & { readonly months?: ReadonlyMap<string, Partial<MonthFigures>> }

export const TOP = 10

interface MonthTally {
  lines: number
  quantity: number
  amount: number
  readonly kinds: Record<InvoiceKind, number>
  readonly customers: Set<string>
}

/** Adds a file up, invoice by invoice. It remembers months, countries, customers and codes, and no invoice. */
export class Tally {
  readonly #months = new Map<string, MonthTally>()
  readonly #countries = new Map<string, number>()
  readonly #customers = new Map<string, number>()
  readonly #codes = new Map<string, number>()
  #invoices = 0
  #first = ''
  #last = ''

  add(invoice: Invoice): void {
    this.#invoices++
    this.#month(invoice.at).kinds[invoice.kind]++
    for (const line of invoice.lines) this.#line(line)
  }

  get figures(): Figures {
    const months = [...this.#months.values()]
    const sum = (of: (month: MonthTally) => number) => months.reduce((total, month) => total + of(month), 0)
    return {
      lines: sum(({ lines }) => lines),
      invoices: this.#invoices,
      sales: sum(({ kinds }) => kinds.sale),
      credits: sum(({ kinds }) => kinds.credit),
      customers: this.#customers.size,
      codes: this.#codes.size,
      quantity: sum(({ quantity }) => quantity),
      amount: sum(({ amount }) => amount),
      first: this.#first,
      last: this.#last,
      months: new Map([...this.#months].map(([month, tally]) => [month, monthFigures(tally)])),
      countries: new Map(this.#countries),
      topCustomers: top(this.#customers),
      topProducts: top(this.#codes),
    }
  }

  #line({ at, sku, quantity, thousandths, customer, country }: SheetLine): void {
    const amount = quantity * thousandths
    const month = this.#month(at)
    month.lines++
    month.quantity += quantity
    month.amount += amount
    if (customer !== '') month.customers.add(customer)
    add(this.#countries, country, amount)
    if (customer !== '') add(this.#customers, customer, amount)
    add(this.#codes, sku, quantity)
    if (this.#first === '' || at < this.#first) this.#first = at
    if (at > this.#last) this.#last = at
  }

  #month(at: string): MonthTally {
    const name = at.slice(0, 7)
    const known = this.#months.get(name)
    if (known) return known
    const begun = { lines: 0, quantity: 0, amount: 0, kinds: { sale: 0, credit: 0, adjustment: 0 }, customers: new Set<string>() }
    this.#months.set(name, begun)
    return begun
  }
}

function monthFigures({ lines, quantity, amount, kinds, customers }: MonthTally): MonthFigures {
  const { sale: sales, credit: credits, adjustment } = kinds
  return { lines, invoices: sales + credits + adjustment, sales, credits, customers: customers.size, quantity, amount }
}

function add(sums: Map<string, number>, key: string, amount: number): void {
  sums.set(key, (sums.get(key) ?? 0) + amount)
}

function top(sums: ReadonlyMap<string, number>): (readonly [string, number])[] {
  return [...sums].sort(([a, left], [b, right]) => right - left || (a < b ? -1 : 1)).slice(0, TOP)
}
