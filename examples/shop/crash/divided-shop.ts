import type { Topology } from './arguments.ts'
import { Fleet } from '../fleet/fleet.ts'
import type { Place } from '../fleet/place.ts'
import type { Random } from '../fleet/random.ts'
import { Trade } from './trade.ts'

const CUSTOMERS = 4

/** A shop, the ways to divide it, and those who do business with it. */
export class DividedShop {
  readonly #place: Place
  readonly #name: string | undefined
  readonly #chance: Random
  readonly #fleets = new Map<Topology, Fleet>()
  #urls: readonly string[] = []
  trade: Trade | undefined

  constructor(place: Place, chance: Random, name?: string) {
    this.#place = place
    this.#chance = chance
    this.#name = name
  }

  async fleet(topology: Topology): Promise<Fleet> {
    const fleet = this.#fleets.get(topology) ?? (await Fleet.at(this.#place, { app: import.meta.resolve('./guarded-shop.ts'), topology, name: this.#name }))
    this.#fleets.set(topology, fleet)
    this.#urls = fleet.urls
    return fleet
  }

  get accepted(): number {
    return this.trade?.book.count('accepted') ?? 0
  }

  async doBusiness(stop: AbortSignal): Promise<void> {
    this.trade ??= await Trade.begin(() => this.#urls, this.#chance, CUSTOMERS)
    await this.trade.goOn(stop)
  }
}
