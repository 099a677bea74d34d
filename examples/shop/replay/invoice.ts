import { MalformedFile } from './csv.ts'
import type { SheetLine } from './sheet.ts'

export type InvoiceKind = 'sale' | 'credit' | 'adjustment'

/** An invoice as the till wrote it: all its lines, in order. */
export interface Invoice {
  /** Which of the file's invoices it is, from 0. */
  readonly ordinal: number
  readonly number: string
  readonly kind: InvoiceKind
  /** `null` where nobody knows who bought. */
  readonly customer: string | null
  readonly country: string
  /** The time of its first line. */
  readonly at: string
  readonly lines: readonly SheetLine[]
}

/** How many lines of other invoices may come between two of the same. */
const APART = 64

interface Draft {
  readonly invoice: Invoice & { readonly lines: SheetLine[] }
  /** How many lines had been read when its last one came. */
  seen: number
}

/**
 * Puts lines together to invoices, in the order of their first lines. An invoice counts as complete once so many lines of others have
 * come; since its lines are numbered, one that comes later is noticed without remembering what went before. Throws `MalformedFile`.
 */
export class Invoices {
  readonly #open = new Map<string, Draft>()
  #seen = 0
  #ordinal = 0

  /** The invoices that are complete with this line. */
  add(line: SheetLine): Invoice[] {
    this.#seen++
    const draft = this.#open.get(line.invoice)
    if (draft) this.#goOn(draft, line)
    else this.#begin(line)
    const complete: Invoice[] = []
    for (const [number, { invoice, seen }] of this.#open) {
      if (this.#seen - seen < APART) break
      this.#open.delete(number)
      complete.push(invoice)
    }
    return complete
  }

  end(): Invoice[] {
    const rest = [...this.#open.values()].map(({ invoice }) => invoice)
    this.#open.clear()
    return rest
  }

  #begin(line: SheetLine): void {
    if (line.line !== 1) {
      throw new MalformedFile(
        line.place,
        `invoice ${line.invoice} begins with line ${line.line}; its other lines are missing, or more than ${APART} lines away`,
      )
    }
    const { invoice: number, customer, country, at } = line
    const invoice = { ordinal: this.#ordinal++, number, kind: kindOf(number), customer: customer === '' ? null : customer, country, at, lines: [line] }
    this.#open.set(number, { invoice, seen: this.#seen })
  }

  #goOn(draft: Draft, line: SheetLine): void {
    const { lines } = draft.invoice
    const [first, last] = [lines[0]!, lines.at(-1)!]
    if (line.line !== last.line + 1) {
      throw new MalformedFile(line.place, `line ${line.line} of invoice ${line.invoice} comes after its line ${last.line} in line ${last.place}`)
    }
    if (line.customer !== first.customer || line.country !== first.country) {
      throw new MalformedFile(
        line.place,
        `invoice ${line.invoice} is for customer '${line.customer}' in ${line.country} here, and for '${first.customer}' in ${first.country} in line ${first.place}`,
      )
    }
    lines.push(line)
    draft.seen = this.#seen
  }
}

/** By the first letter of its number: C of a credit, A of an adjustment. */
function kindOf(number: string): InvoiceKind {
  if (number.startsWith('C')) return 'credit'
  return number.startsWith('A') ? 'adjustment' : 'sale'
}
