import { setTimeout as wait } from 'node:timers/promises'
import { DividedShop } from './divided-shop.ts'
import type { Fleet } from '../fleet/fleet.ts'
import { killConnection, killDatabase, embeddedPlace, type Place } from '../fleet/place.ts'
import type { Round } from './plan.ts'
import { random, type Random } from '../fleet/random.ts'
import type { Trade } from './trade.ts'
import type { UnitProcess } from '../fleet/unit-process.ts'

/** How long anything may take that has to happen. */
const PATIENCE_MS = 60_000
/** Orders that are accepted after the shop is open again. */
const AFTER = 3

/** A place in which a shop dies again and again, a round at a time, each time somewhere else. */
export class Ordeal implements AsyncDisposable {
  readonly #place: Place
  readonly #chance: Random
  readonly #shop: DividedShop
  /** Where shops are that are opened once: in a server of their own, so that the one that is killed does not grow. */
  #nursery: Place | undefined
  readonly #alive = new Map<string, UnitProcess>()
  /** Whose processes are running. */
  #fleet: Fleet | undefined
  #rounds = 0
  #intact = true

  private constructor(place: Place, seed: number) {
    this.#place = place
    this.#chance = random(seed)
    this.#shop = new DividedShop(place, this.#chance)
  }

  static async begin(seed: number): Promise<Ordeal> {
    return new Ordeal(await embeddedPlace(), seed)
  }

  /** Lets the shop die as the round says, opens it again and compares all books; answers what does not agree. Throws when it did not die there. */
  async survive(round: Round): Promise<readonly string[]> {
    this.#rounds++
    const intact = this.#intact
    this.#intact = false
    // migrations run once in a shop's life
    const shop = round.at.startsWith('migration.') ? await this.#newShop() : this.#shop
    const fleet = await shop.fleet(round.topology)
    await this.#end(fleet)
    const stop = new AbortController()
    await Promise.all([shop.doBusiness(stop.signal), this.#suffer(round, fleet, shop).finally(() => stop.abort())])
    const faults = [...(await this.#faults(fleet, shop.trade!))]
    // once something did not agree, what the units said is kept
    this.#intact = intact && faults.length === 0
    return faults
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end(undefined)
    for (const place of [this.#place, ...(this.#nursery ? [this.#nursery] : [])]) {
      if (this.#intact) await place[Symbol.asyncDispose]()
      else console.error(`what the units said, and the database, are in ${place.options.directory}`)
    }
  }

  async #newShop(): Promise<DividedShop> {
    this.#nursery ??= await embeddedPlace()
    return new DividedShop(this.#nursery, this.#chance, `shop${this.#rounds}`)
  }

  /** The shop dies, is opened again, and customers are served again. */
  async #suffer(round: Round, fleet: Fleet, shop: DividedShop): Promise<void> {
    if (round.victim === 'the database') await this.#loseDatabase(round, fleet, shop)
    else await this.#loseUnit(round, fleet)
    const enough = shop.accepted + AFTER
    await until(() => shop.accepted >= enough, 'orders are accepted again')
  }

  async #faults(fleet: Fleet, trade: Trade): Promise<readonly string[]> {
    await trade.settle()
    await [...this.#alive.values()][0]!.quiet()
    const died = [...this.#alive].filter(([, process]) => !process.alive).map(([unit]) => `${unit} died by itself`)
    const balances = await trade.audit(fleet.book)
    return [...died, ...balances.flatMap(({ what, faults }) => faults.map((fault) => `${what}: ${fault}`))]
  }

  async #loseUnit({ at, visit, victim }: Round, fleet: Fleet): Promise<void> {
    const doomed = fleet.load(at === 'charge' ? undefined : `${at}:${visit}`)
    const others = fleet.units.filter((unit) => unit !== victim)
    this.#alive.set(victim, doomed)
    const opened = [fleet.open(victim, doomed, at === 'charge' ? visit : undefined), ...others.map((unit) => this.#open(unit, fleet))]
    await Promise.all(opened)
    const spare = fleet.load()
    this.#alive.set('spare', spare)
    const { code, signal } = await within(doomed.exited, `${victim} dies at ${at}, visit ${visit}`)
    if (signal !== 'SIGKILL') throw new Error(`${victim} was to die at ${at} and ended with ${signal ?? `exit code ${code}`}`)
    this.#alive.delete('spare')
    await this.#open(victim, fleet, spare)
  }

  async #loseDatabase({ at, visit }: Round, fleet: Fleet, shop: DividedShop): Promise<void> {
    await Promise.all(fleet.units.map((unit) => this.#open(unit, fleet)))
    const enough = shop.accepted + visit
    await until(() => shop.accepted >= enough, 'orders are accepted')
    const killed = at === 'all of it' ? killDatabase(this.#place) : killConnection(this.#place, (pids) => this.#chance.pick(pids))
    if (!killed) throw new Error(`there was nothing of ${at} to kill`)
  }

  async #open(unit: string, fleet: Fleet, process: UnitProcess = fleet.load()): Promise<boolean> {
    this.#alive.set(unit, process)
    if (!(await fleet.open(unit, process))) throw new Error(`${unit} did not open; its last words are in ${fleet.log}`)
    return true
  }

  /**
   * Ends what the last round has left running. It is killed once more where the same units come next; who moves elsewhere gives up its
   * partitions before, or its successor would wait until the leases end.
   */
  async #end(next: Fleet | undefined): Promise<void> {
    const ends = [...this.#alive.values()].map((process) => (next === this.#fleet ? process.kill() : process.stop()))
    this.#alive.clear()
    this.#fleet = next
    await Promise.all(ends)
  }
}

async function until(holds: () => boolean, what: string): Promise<void> {
  const end = performance.now() + PATIENCE_MS
  while (!holds()) {
    if (performance.now() > end) throw new Error(`waited ${PATIENCE_MS / 1000} s in vain until ${what}`)
    await wait(10)
  }
}

async function within<T>(promise: Promise<T>, what: string): Promise<T> {
  const late = new AbortController()
  const end = wait(PATIENCE_MS, undefined, { signal: late.signal }).then(() => {
    throw new Error(`waited ${PATIENCE_MS / 1000} s in vain until ${what}`)
  })
  try {
    return await Promise.race([promise, end])
  } finally {
    late.abort()
  }
}
