import type { Invoice } from './invoice.ts'
import type { Journal } from './journal.ts'
import { inLanes, type LanesOptions } from './lanes.ts'
import { cardOf, type Article } from './opening.ts'
import type { Task } from './schedule.ts'
import type { Till } from './till.ts'

export interface DriveOptions {
  readonly till: Till
  readonly journal: Journal
  readonly seed: number
}

/** Hands in what a file has, at a shop's till, and writes down in the journal what became of it; what the journal has is not done again. */
export class Drive {
  readonly #till: Till
  readonly #journal: Journal
  readonly #seed: number
  /** By lane, the orders that wait to be dispatched. */
  readonly #held = new Map<string, Set<string>>()

  constructor({ till, journal, seed }: DriveOptions) {
    this.#till = till
    this.#journal = journal
    this.#seed = seed
  }

  /** Lists the goods and fills the shelves. */
  async open(articles: readonly Article[], options: LanesOptions): Promise<void> {
    if (this.#journal.isOpen) return
    await inLanes(shelves(articles), options, ({ article }) => this.#till.stock(article))
    if (!options.stop.aborted) this.#journal.opened()
  }

  /** Does what is to be done, until `stop`. */
  async run(tasks: AsyncIterable<Task>, options: LanesOptions): Promise<void> {
    await inLanes(tasks, options, (task) => (task.does === 'enter' ? this.#enter(task.lane, task.invoice) : this.#dispatch(task.lane, task.invoice)))
  }

  async #enter(lane: string, invoice: Invoice): Promise<void> {
    const { ordinal: n, number, kind } = invoice
    if (!this.#journal.isEntered(n)) {
      const { order, accepted, refused } = await this.#till.enter(invoice, cardOf(number, this.#seed))
      const end = order === null ? null : await this.#till.endOf(order)
      // what a credit takes back must have left the parcel before it is packed
      if (kind === 'credit' && accepted > 0) await this.#till.calm([...(this.#held.get(lane) ?? [])])
      this.#journal.entered({ n, invoice: number, kind, accepted, refused, order, end })
    }
    const held = this.#journal.held(n)
    if (held !== undefined) this.#held.set(lane, (this.#held.get(lane) ?? new Set()).add(held))
  }

  async #dispatch(lane: string, { ordinal, number }: Pick<Invoice, 'ordinal' | 'number'>): Promise<void> {
    const order = this.#journal.held(ordinal)
    if (order === undefined) return
    await this.#till.dispatch(order, number)
    this.#journal.dispatched(ordinal)
    const held = this.#held.get(lane)
    held?.delete(order)
    if (held?.size === 0) this.#held.delete(lane)
  }
}

async function* shelves(articles: readonly Article[]): AsyncGenerator<{ lane: string; article: Article }> {
  for (const article of articles) yield { lane: article.sku, article }
}
