import type { Entered } from './journal.ts'

/** What the shop has answered so far, added up. */
export class Told {
  invoices = 0
  lines = 0
  /** Lines that stand: accepted, and of no order that came to nothing. */
  accepted = 0
  /** Lines by the reason why not. */
  readonly refused: Map<string, number> = new Map()
  orders = 0

  add({ accepted, refused, order, end }: Pick<Entered, 'accepted' | 'refused' | 'order' | 'end'>): void {
    this.invoices++
    this.lines += accepted
    if (order !== null) this.orders++
    if (order !== null && end !== 'confirmed') this.#refuse(end ?? 'unknown', accepted)
    else this.accepted += accepted
    for (const [reason, lines] of Object.entries(refused)) {
      this.lines += lines
      this.#refuse(reason, lines)
    }
  }

  #refuse(reason: string, lines: number): void {
    this.refused.set(reason, (this.refused.get(reason) ?? 0) + lines)
  }
}
