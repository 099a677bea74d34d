import { readBook } from '../fleet/provider-book.ts'
import type { Random } from '../fleet/random.ts'
import type { Balance } from '../terminal/balance.ts'
import { audit, readBooks } from './audit.ts'
import { ClientBook } from './client-book.ts'
import { Customers } from './customers.ts'
import { FrontDoor } from './front-door.ts'
import { GateKeeper } from './gate-keeper.ts'
import { PriceTag } from './price-tag.ts'

/** Everybody who does business with a shop, and what they have written down. */
export class Trade {
  readonly door: FrontDoor
  readonly book: ClientBook
  readonly customers: Customers
  readonly #tag: PriceTag
  readonly #gate: GateKeeper

  private constructor(door: FrontDoor, book: ClientBook, customers: Customers) {
    this.door = door
    this.book = book
    this.customers = customers
    this.#tag = new PriceTag(door, customers.staff)
    this.#gate = new GateKeeper(door)
  }

  /** Puts the goods on the shelves and lets so many customers come, eight at most. The shop need not be open yet. */
  static async begin(urls: () => readonly string[], chance: Random, customers: number): Promise<Trade> {
    const door = new FrontDoor(urls, chance.for('the door'))
    const book = new ClientBook()
    const trade = new Trade(door, book, await Customers.arrive(door, book, chance, customers))
    await Promise.all([trade.customers.stockUp(), trade.#tag.list()])
    return trade
  }

  async goOn(stop: AbortSignal): Promise<void> {
    await Promise.all([this.customers.order(stop), this.#tag.raise(stop), this.#gate.goOn(stop)])
  }

  /** Asks again for whatever was never answered. */
  async settle(): Promise<void> {
    await Promise.all([this.customers.settle(), this.#tag.settle(), this.#gate.settle()])
  }

  /** Compares all books. They agree once the shop is quiet. `providerBook`: where the card provider keeps its own. */
  async audit(providerBook: string): Promise<Balance[]> {
    const { set, shown } = await this.#tag.compare()
    const tag = {
      what: 'the price is the one set last',
      one: `${set} cents set`,
      other: `${shown} cents shown`,
      faults: set === shown ? [] : ['the catalog has another price'],
    }
    const books = await readBooks(this.door, this.customers.staff, this.customers.tokens)
    return [...audit({ client: this.book, provider: readBook(providerBook), ...books }), tag, ...(await this.#gate.compare())]
  }
}
