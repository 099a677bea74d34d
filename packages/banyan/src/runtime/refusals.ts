import { systemClock, type Clock } from '../kernel/clock.ts'
import { recordRefusals, type RefusalRecord } from '../events/refusals.ts'
import type { Log } from '../model/context.ts'
import type { Envelope } from '../network/envelope.ts'
import type { Sql } from '../store/sql.ts'
import type { Refused } from './gate.ts'

/** Refusals alike within it are one row, so that a flood of them is a few. */
const TOGETHER_MS = 1_000
/** The most kinds of refusals that wait to be written; more are counted and logged. */
const MOST = 1_000

/**
 * Writes down what access rules refuse, a moment later and beside the requests, so that being refused costs no commit. What has not been
 * written when the process dies is lost.
 */
export class Refusals implements AsyncDisposable {
  readonly #sql: Sql
  readonly #log: Log
  readonly #clock: Clock
  readonly #stop = new AbortController()
  #writing: Promise<void> | undefined
  #waiting = new Map<string, RefusalRecord>()
  #lost = 0

  constructor(sql: Sql, log: Log, clock: Clock = systemClock) {
    this.#sql = sql
    this.#log = log
    this.#clock = clock
  }

  note(operation: string, { rule, lacks }: Refused, { identity, caller, traceparent }: Pick<Envelope, 'identity' | 'caller' | 'traceparent'>): void {
    const { tenant, subject } = identity
    const key = JSON.stringify([tenant, subject, operation, caller, lacks])
    const before = this.#waiting.get(key)
    if (!before && this.#waiting.size >= MOST) {
      this.#lost++
      return
    }
    this.#waiting.set(key, {
      tenant,
      subject,
      operation,
      caller,
      rule,
      lacks,
      traceparent: before?.traceparent ?? traceparent,
      times: (before?.times ?? 0) + 1,
    })
    this.#writing ??= this.#write()
  }

  async #flush(): Promise<void> {
    const [records, lost] = [[...this.#waiting.values()], this.#lost]
    this.#waiting = new Map()
    this.#lost = 0
    if (lost > 0) this.#log.warn('more refusals than are kept apart; these were only counted', { refusals: lost })
    if (records.length === 0) return
    try {
      await recordRefusals(this.#sql, records)
    } catch (error) {
      this.#log.warn('refusals could not be written down', { error, refusals: records })
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#writing
  }

  async #write(): Promise<void> {
    while (this.#waiting.size > 0) {
      await this.#clock.wait(TOGETHER_MS, this.#stop.signal)
      await this.#flush()
    }
    this.#writing = undefined
  }
}
