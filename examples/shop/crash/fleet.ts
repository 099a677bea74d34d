import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { StartOptions } from '../shop.ts'
import type { Topology } from './arguments.ts'
import type { Place } from './place.ts'
import { UnitProcess } from './unit-process.ts'

const unitsOf: Readonly<Record<Topology, readonly string[]>> = { one: ['all'], split: ['sales', 'stock'] }

/** The units of a shop as a supervisor sees them: what each is started with, and where it answers. */
export class Fleet {
  readonly units: readonly string[]
  readonly urls: readonly string[]
  /** Where the output of all units goes. */
  readonly log: string
  /** Where the card provider keeps its book. */
  readonly book: string
  readonly #options: ReadonlyMap<string, StartOptions>

  private constructor(place: Place, topology: Topology, ports: readonly number[], name: string | undefined) {
    this.units = unitsOf[topology]
    this.urls = this.units.map((_, index) => `http://127.0.0.1:${ports[index]}`)
    this.log = join(place.options.directory, 'units.log')
    this.book = join(place.options.directory, `card-provider${name === undefined ? '' : ` of ${name}`}.jsonl`)
    const addresses = Object.fromEntries(this.units.map((unit, index) => [unit, this.urls[index]!]))
    const secret = randomBytes(32).toString('base64url')
    const shared = { ...place.options, topology, addresses, secret, ...(name === undefined ? {} : { name }) }
    this.#options = new Map(this.units.map((unit, index) => [unit, { ...shared, unit, port: ports[index]! }]))
  }

  /** `name`: under which the shop has schemas of its own; the place's unless said. */
  static async at(place: Place, topology: Topology, name?: string): Promise<Fleet> {
    return new Fleet(place, topology, await freePorts(unitsOf[topology].length), name)
  }

  /** A process for a unit, with the program loaded but the shop not open yet. */
  load(crashAt?: string): UnitProcess {
    return new UnitProcess({ log: this.log, ...(crashAt === undefined ? {} : { crashAt }) })
  }

  /** Resolves once the unit answers requests in this process; `false` when it ended before. */
  open(unit: string, process: UnitProcess, crashAtCharge?: number): Promise<boolean> {
    return process.open({ options: this.#options.get(unit)!, book: this.book, ...(crashAtCharge === undefined ? {} : { crashAtCharge }) })
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1')
      await once(server, 'listening')
      return server
    }),
  )
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return ports
}
