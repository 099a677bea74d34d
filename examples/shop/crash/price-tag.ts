import type { FrontDoor } from './front-door.ts'

const sku = 'TAG-001'

/** A product that nobody orders and whose price the staff changes all the time: plain tables of the shop, beside its event streams. */
export class PriceTag {
  readonly #door: FrontDoor
  readonly #staff: string
  #cents = 1
  #answered = 0

  constructor(door: FrontDoor, staff: string) {
    this.#door = door
    this.#staff = staff
  }

  async list(): Promise<void> {
    const body = { sku, name: 'A price tag', description: '', price: { amount: this.#cents, currency: 'EUR' } }
    await this.#door.ask('POST', '/products', { token: this.#staff, key: 'tag', body })
    this.#answered = this.#cents
  }

  /** Raises the price by a cent, again and again, until `stop`; the next raise waits for the answer to the last. */
  async raise(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      if (this.#answered === this.#cents) this.#cents++
      await this.#set()
      await this.#door.pause()
    }
  }

  /** Resolves once the last price is known to be set. */
  async settle(): Promise<void> {
    while (this.#answered < this.#cents) await this.#set()
  }

  /** What was set last, and what the shop says. */
  async compare(): Promise<{ readonly set: number; readonly shown: number }> {
    const { price } = await this.#door.read<{ price: { amount: number } }>(`/products/${sku}`, this.#staff)
    return { set: this.#cents, shown: price.amount }
  }

  async #set(): Promise<void> {
    const cents = this.#cents
    const body = { price: { amount: cents, currency: 'EUR' } }
    const reply = await this.#door.try('PUT', `/products/${sku}/price`, { token: this.#staff, key: `tag/${cents}`, body })
    if (reply?.status === 204) this.#answered = cents
    else if (reply) throw new Error(`the price of ${cents} cents was answered ${reply.status}: ${JSON.stringify(reply.body)}`)
  }
}
