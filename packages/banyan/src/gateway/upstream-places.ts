import { Deadline } from '../kernel/deadline.ts'
import { BanyanError } from '../kernel/errors.ts'
import { bulkhead, type Bulkhead, type BulkheadStatus } from '../network/resilience/bulkhead.ts'
import type { UpstreamBulkhead } from './config.ts'

export interface PlacesStatus extends BulkheadStatus {
  /** Requests that have waited for a place as long as they may, since the start; not among `refused`. */
  readonly late: number
}

/** Places for requests to an upstream, so that a slow one does not take the connections and the memory that others need. */
export class UpstreamPlaces {
  readonly #name: string
  readonly #waitMs: number
  readonly #places: Bulkhead
  #late = 0

  constructor(name: string, { limit, queue, waitMs }: UpstreamBulkhead) {
    this.#name = `upstream '${name}'`
    this.#waitMs = waitMs
    this.#places = bulkhead({ name: this.#name, limit, queue })
  }

  /**
   * Takes a place: at once (`undefined`), or when one is left. Throws `overloaded` where too many wait already, or none was left in time;
   * `cancelled` when the signal, which is read only where it has to wait, aborts first. Every place taken must be left.
   */
  enter(waiting: { readonly signal: AbortSignal }): Promise<void> | undefined {
    const deadline = Deadline.in(this.#waitMs)
    return this.#places
      .enter({
        deadline,
        get signal() {
          return waiting.signal
        },
      })
      ?.catch((error: unknown) => {
        throw BanyanError.is(error, 'deadline_exceeded') ? this.#tooLate(error) : error
      })
  }

  /** Leaves a place after a request that took `ms`. */
  leave(ms: number): void {
    this.#places.leave(ms)
  }

  status(): PlacesStatus {
    return { ...this.#places.status(), late: this.#late }
  }

  #tooLate(cause: BanyanError): BanyanError {
    this.#late++
    const { limit } = this.#places.status()
    const message = `${this.#name}: none of its ${limit} places was left in ${this.#waitMs} ms; try again in a moment`
    return new BanyanError('overloaded', message, { executed: 'no', details: { retryAfterMs: this.#waitMs }, cause })
  }
}
