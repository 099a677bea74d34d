import { systemClock } from '../kernel/clock.ts'
import { milliseconds } from '../kernel/duration.ts'
import { keepMonths } from '../events/months.ts'
import type { Log } from '../model/context.ts'
import type { Sql } from '../store/sql.ts'

const EVERY_MS = milliseconds('6h')
const SOON_MS = milliseconds('1m')

/**
 * Makes a log's monthly partitions ahead of time and forgets keys past their retention, beside everything else: until it succeeds, rows
 * go to the default partitions.
 */
export class Upkeep implements AsyncDisposable {
  readonly #stop = new AbortController()
  readonly #running: Promise<void>

  constructor(sql: Sql, log: Log) {
    this.#running = this.#run(sql, log)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#running
  }

  async #run(sql: Sql, log: Log): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const kept = await keepMonths(sql).catch((error: unknown) => {
        log.warn('monthly partitions could not be made; trying again', { error })
        return 'postponed' as const
      })
      await systemClock.wait(kept === 'kept' ? EVERY_MS : SOON_MS, this.#stop.signal)
    }
  }
}
