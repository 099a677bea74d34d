import type { Fleet } from './fleet.ts'
import type { UnitProcess } from './unit-process.ts'

/** A unit that ends so often before it is open will not open. */
const HOPELESS = 10

/** Keeps every unit of a fleet running, as any process manager would: what ends is started again. */
export class Supervisor implements AsyncDisposable {
  readonly #fleet: Fleet
  readonly #running = new Map<string, UnitProcess>()
  readonly #open = new Set<string>()
  readonly #keeping: Promise<void>[]
  /** A process with the program loaded, so that a restart is fast. */
  #spare: UnitProcess
  /** How often units have ended by themselves since they were open. */
  readonly #failures = new Map<string, number>()
  #stopping = false
  #changed = Promise.withResolvers<void>()
  /** How many processes were killed. */
  killed = 0
  /** What else units that were open have died of. */
  readonly faults: string[] = []

  constructor(fleet: Fleet) {
    this.#fleet = fleet
    this.#spare = fleet.load()
    this.#keeping = fleet.units.map((unit) => this.#keep(unit))
  }

  /** How many units answer requests. */
  get open(): number {
    return this.#open.size
  }

  /** Resolves when all units answer requests. Throws when one cannot be opened. */
  async allOpen(): Promise<void> {
    while (this.#open.size < this.#fleet.units.length) {
      await this.#changed.promise
      const hopeless = [...this.#failures].find(([, times]) => times >= HOPELESS)
      if (hopeless) throw new Error(`${hopeless[0]} ended ${HOPELESS} times before it was open; its last words are in ${this.#fleet.log}`)
    }
  }

  /** Resolves when nothing is left to be reacted to, projected or delivered. */
  async quiet(): Promise<void> {
    await this.allOpen()
    await this.#running.get(this.#fleet.units[0]!)!.quiet()
  }

  kill(units: readonly string[]): void {
    for (const unit of units) void this.#running.get(unit)?.kill()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping = true
    await Promise.all([this.#spare, ...this.#running.values()].map((process) => process.stop()))
    await Promise.all(this.#keeping)
  }

  async #keep(unit: string): Promise<void> {
    while (!this.#stopping) {
      const process = this.#spare
      this.#spare = this.#fleet.load()
      this.#running.set(unit, process)
      const opened = await this.#fleet.open(unit, process)
      if (opened) this.#set(unit, true)
      const { code, signal } = await process.exited
      this.#failures.set(unit, opened || signal === 'SIGKILL' ? 0 : (this.#failures.get(unit) ?? 0) + 1)
      if (signal === 'SIGKILL') this.killed++
      else if (this.#open.has(unit) && !this.#stopping) this.faults.push(`${unit} ended with ${signal ?? `exit code ${code}`}`)
      this.#set(unit, false)
    }
  }

  #set(unit: string, open: boolean): void {
    if (open) this.#open.add(unit)
    else this.#open.delete(unit)
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }
}
