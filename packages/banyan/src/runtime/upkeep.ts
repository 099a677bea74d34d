import { systemClock } from '../kernel/clock.ts'
import { milliseconds } from '../kernel/duration.ts'
import { keepMonths } from '../events/months.ts'
import { forgetOldRefusals } from '../events/refusals.ts'
import type { Log } from '../model/context.ts'
import type { Sql } from '../store/sql.ts'

type Kept = Awaited<ReturnType<typeof keepMonths>>

const EVERY_MS = milliseconds('6h')
const SOON_MS = milliseconds('1m')

/**
 * Makes a log's monthly partitions ahead of time and forgets keys and refusals past their retention, beside everything else: until it
 * succeeds, rows go to the default partitions.
 */
export class Upkeep implements AsyncDisposable {
  readonly #stop = new AbortController()
  readonly #sql: Sql
  readonly #log: Log
  #running: Promise<void> | undefined

  private constructor(sql: Sql, log: Log) {
    this.#sql = sql
    this.#log = log
  }

  /** Does it once, and from then on now and again. */
  static async begin(sql: Sql, log: Log): Promise<Upkeep> {
    const upkeep = new Upkeep(sql, log)
    const kept = await upkeep.#keep()
    upkeep.#running = upkeep.#run(kept)
    return upkeep
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#running
  }

  async #run(first: Kept): Promise<void> {
    for (let kept = first; ; kept = await this.#keep()) {
      await systemClock.wait(kept === 'kept' ? EVERY_MS : SOON_MS, this.#stop.signal)
      if (this.#stop.signal.aborted) return
    }
  }

  async #keep(): Promise<Kept> {
    const kept = await this.#tried('monthly partitions could not be made', () => keepMonths(this.#sql))
    const forgotten = await this.#tried('old refusals could not be removed', () => forgetOldRefusals(this.#sql))
    return kept === 'kept' && forgotten !== undefined ? 'kept' : 'postponed'
  }

  async #tried<T>(failure: string, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work()
    } catch (error) {
      this.#log.warn(`${failure}; trying again`, { error })
      return undefined
    }
  }
}
