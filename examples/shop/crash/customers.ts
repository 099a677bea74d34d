import { assortment } from '../assortment.ts'
import type { ClientBook, ClientOrder } from './client-book.ts'
import { codeOf, type FrontDoor, type Reply } from './front-door.ts'
import type { Random } from '../fleet/random.ts'

const names = ['ada', 'bo', 'cleo', 'dora', 'emil', 'fay', 'gus', 'hana']
/** Every second product is plentiful; of the others no more than the opening stock is there, and they sell out. */
const plenty = (index: number, pieces: number): number => (index % 2 === 0 ? 5_000 : pieces)
const cards = ['tok_ok', 'tok_ok', 'tok_ok', 'tok_ok', 'tok_declined', 'tok_slow', 'tok_twice']
const unlisted = 'HAT-404'
const prices = new Map(assortment.map(({ sku, price }) => [sku, price.amount]))

interface Customer {
  readonly name: string
  readonly token: string
  readonly random: Random
}

/** Puts goods on the shelves, as the staff does, and lets customers order them. */
export class Customers {
  readonly #door: FrontDoor
  readonly #book: ClientBook
  readonly #customers: readonly Customer[]
  readonly staff: string

  private constructor(door: FrontDoor, book: ClientBook, customers: readonly Customer[], staff: string) {
    this.#door = door
    this.#book = book
    this.#customers = customers
    this.staff = staff
  }

  static async arrive(door: FrontDoor, book: ClientBook, random: Random, count: number): Promise<Customers> {
    const staff = await door.token('the staff', ['staff'])
    const customers = await Promise.all(
      names.slice(0, count).map(async (name) => ({ name, token: await door.token(name, ['customer']), random: random.for(name) })),
    )
    return new Customers(door, book, customers, staff)
  }

  get tokens(): readonly string[] {
    return this.#customers.map(({ token }) => token)
  }

  /** Lists every product and books its delivery. */
  async stockUp(): Promise<void> {
    await Promise.all(
      assortment.map(async ({ pieces, ...product }, index) => {
        const { sku } = product
        const listed = await this.#door.ask('POST', '/products', { token: this.staff, key: `list/${sku}`, body: product })
        if (listed.status !== 204) throw new Error(`${sku} was not listed: ${JSON.stringify(listed.body)}`)
        const receipt = { quantity: plenty(index, pieces), delivery: 'opening stock' }
        if (receipt.quantity > 0) await this.#door.ask('POST', `/stock/${sku}/receipts`, { token: this.staff, key: `stock/${sku}`, body: receipt })
      }),
    )
  }

  /** Orders until `stop`, each customer one order after the other. */
  async order(stop: AbortSignal): Promise<void> {
    await Promise.all(
      this.#customers.map(async (customer) => {
        while (!stop.aborted) {
          await this.#visit(customer, stop)
          await this.#door.pause()
        }
      }),
    )
  }

  /** Asks again, under their keys, for everything that was never answered. */
  async settle(): Promise<void> {
    await Promise.all(
      this.#customers.map(async ({ name, token }) => {
        for (const order of this.#book.orders.filter(({ customer }) => customer === name)) {
          while (order.placed.answer === 'unknown') await this.#again(() => this.#place(order, token))
          while (order.cancel === 'unknown') await this.#again(() => this.#cancel(order, token))
        }
      }),
    )
  }

  async #again(attempt: () => Promise<void>): Promise<void> {
    this.#book.repeats++
    await attempt()
  }

  async #visit({ name, token, random }: Customer, stop: AbortSignal): Promise<void> {
    const order = this.#choose(name, random)
    const [patience, changesMind, clicksTwice] = [Math.floor(random.between(1, 8)), random.next() < 0.1, random.next() < 0.05]
    await this.#insist(
      () => this.#place(order, token),
      () => order.placed.answer === 'unknown',
      patience,
      stop,
    )
    if (order.placed.answer === 'accepted' && changesMind) {
      order.cancel = 'unknown'
      await this.#insist(
        () => this.#cancel(order, token),
        () => order.cancel === 'unknown',
        patience,
        stop,
      )
    }
    if (clicksTwice) await this.#again(() => this.#place(order, token))
  }

  /** Some try again at once and some go home; what those ordered is settled in the end. */
  async #insist(attempt: () => Promise<void>, unknown: () => boolean, patience: number, stop: AbortSignal): Promise<void> {
    await attempt()
    for (let tries = 1; unknown() && tries < patience && !stop.aborted; tries++) {
      await this.#door.pause()
      await this.#again(attempt)
    }
  }

  #choose(customer: string, random: Random): ClientOrder {
    const skus = new Set(Array.from({ length: random.pick([1, 1, 2, 3]) }, () => (random.next() < 0.02 ? unlisted : random.pick(assortment).sku)))
    const lines = [...skus].map((sku) => ({ sku, quantity: random.pick([1, 1, 2, 3]) }))
    const cents = lines.reduce((sum, { sku, quantity }) => sum + (prices.get(sku) ?? 0) * quantity, 0)
    const key = `order/${customer}/${this.#book.orders.length}`
    const order: ClientOrder = { key, customer, lines, card: random.pick(cards), cents, placed: { answer: 'unknown' }, cancel: 'no' }
    this.#book.orders.push(order)
    return order
  }

  async #place(order: ClientOrder, token: string): Promise<void> {
    const { key, lines, card, placed } = order
    const reply = await this.#door.try('POST', '/orders', { token, key, body: { lines, card } })
    if (!reply) return
    const now = answerOf(reply)
    if (!now) this.#surprise(order, reply)
    else if (placed.answer === 'unknown') order.placed = now
    else if (JSON.stringify(now) !== JSON.stringify(placed)) this.#surprise(order, reply)
  }

  async #cancel(order: ClientOrder, token: string): Promise<void> {
    if (order.placed.answer !== 'accepted') return
    const reply = await this.#door.try('POST', `/orders/${order.placed.orderId}/cancel`, { token, key: `${order.key}/cancel` })
    if (!reply) return
    if (reply.status === 200) order.cancel = (reply.body as { outcome: 'cancelled' | 'asked' }).outcome
    else if (codeOf(reply) === 'TooLate') order.cancel = 'too late'
    else this.#surprise(order, reply)
  }

  #surprise({ key, placed }: ClientOrder, { status, body }: Reply): void {
    this.#book.surprises.push(`${key}, ${placed.answer} before, was answered ${status} ${JSON.stringify(body)}`)
  }
}

function answerOf(reply: Reply): ClientOrder['placed'] | undefined {
  if (reply.status === 200) return { answer: 'accepted', orderId: (reply.body as { orderId: string }).orderId }
  if (codeOf(reply) === 'UnknownProduct') return { answer: 'refused' }
}
