import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { App } from 'banyan/types'
import type { StartOptions } from '../shop.ts'
import { freePorts } from './free-ports.ts'
import type { Place } from './place.ts'
import { UnitProcess } from './unit-process.ts'

export interface FleetOptions {
  /** The module with the app, as a URL. */
  readonly app: string
  readonly topology: string
  /** Under which the app has schemas of its own; the place's unless said. */
  readonly name?: string | undefined
}

/** The units of a shop as a supervisor sees them: what each is started with, and where it answers. */
export class Fleet {
  readonly units: readonly string[]
  readonly urls: readonly string[]
  /** Where the output of all units goes. */
  readonly log: string
  /** Where the card provider keeps its book. */
  readonly book: string
  readonly #options: ReadonlyMap<string, StartOptions>

  readonly #app: string

  private constructor(place: Place, { app, topology, name }: FleetOptions, units: readonly string[], ports: readonly number[]) {
    this.#app = app
    this.units = units
    this.urls = this.units.map((_, index) => `http://127.0.0.1:${ports[index]}`)
    this.log = join(place.options.directory, 'units.log')
    this.book = join(place.options.directory, `card-provider${name === undefined ? '' : ` of ${name}`}.jsonl`)
    const addresses = Object.fromEntries(this.units.map((unit, index) => [unit, this.urls[index]!]))
    const secret = randomBytes(32).toString('base64url')
    const shared = { ...place.options, topology, addresses, secret, ...(name === undefined ? {} : { name }) }
    this.#options = new Map(this.units.map((unit, index) => [unit, { ...shared, unit, port: ports[index]! }]))
  }

  /** Throws a `RangeError` where the app has no such topology. */
  static async at(place: Place, options: FleetOptions): Promise<Fleet> {
    const units = await unitsOf(options)
    return new Fleet(place, options, units, await freePorts(units.length))
  }

  /** A process for a unit, with the program loaded but the shop not open yet. */
  load(crashAt?: string): UnitProcess {
    return new UnitProcess({ app: this.#app, log: this.log, ...(crashAt === undefined ? {} : { crashAt }) })
  }

  /** Resolves once the unit answers requests in this process; `false` when it ended before. */
  open(unit: string, process: UnitProcess, crashAtCharge?: number): Promise<boolean> {
    return process.open({ options: this.#options.get(unit)!, book: this.book, ...(crashAtCharge === undefined ? {} : { crashAtCharge }) })
  }
}

async function unitsOf({ app, topology }: FleetOptions): Promise<readonly string[]> {
  const { topologies } = ((await import(app)) as { default: App }).default
  const found = topologies[topology]
  if (!found) throw new RangeError(`there is no topology '${topology}'; the app has ${Object.keys(topologies).join(', ')}`)
  return found.units ? Object.keys(found.units) : ['all']
}
