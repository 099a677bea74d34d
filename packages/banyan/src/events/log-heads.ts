import { systemClock, type Clock } from '../kernel/clock.ts'
import type { Sql } from '../store/sql.ts'
import type { Positions } from './feed.ts'
import type { LogHeads } from './log-feed.ts'

/** How far back events are looked for that were not there at the last look at all months: longer than any transaction or clock error. */
const MARGIN = 2 * 86_400_000

/** How often all months are looked at, in milliseconds. */
const REFRESH = 60_000

interface Known {
  readonly incarnation: string
  readonly positions: ReadonlyMap<number, number>
  /** By the database's clock. */
  readonly at: Date
}

interface Row {
  readonly incarnation: string
  readonly heads: Readonly<Record<string, number>>
  /** The last position that the log has given. */
  readonly given: string
  readonly at: Date
}

/**
 * Reads the ends of partitions, mostly in the last months only: an old month has no end that was not seen before. All months are looked
 * at every minute, after a failure, and when the log is not the one that was seen.
 */
export class LogEnds {
  readonly #sql: Sql
  readonly #clock: Clock
  #known: Known | undefined
  #refreshed = 0

  constructor(sql: Sql, clock: Clock = systemClock) {
    this.#sql = sql
    this.#clock = clock
  }

  async read(): Promise<LogHeads> {
    try {
      const known = this.#known
      if (!known || this.#clock.monotonic() - this.#refreshed > REFRESH) return await this.#readAll()
      const row = await this.#query(earliest(known))
      if (row.incarnation !== known.incarnation || Number(row.given) < Math.max(...known.positions.values())) return await this.#readAll()
      return { incarnation: row.incarnation, positions: new Map([...known.positions, ...positionsOf(row)]) }
    } catch (error) {
      this.#known = undefined
      throw error
    }
  }

  /** From when on events after these positions were recorded, if that is known. */
  since(positions: Positions): Date | undefined {
    const known = this.#known
    if (!known) return undefined
    for (const [partition, position] of positions) if (position < (known.positions.get(partition) ?? 0)) return undefined
    return earliest(known)
  }

  async #readAll(): Promise<LogHeads> {
    const row = await this.#query()
    this.#known = { incarnation: row.incarnation, positions: positionsOf(row), at: row.at }
    this.#refreshed = this.#clock.monotonic()
    return this.#known
  }

  async #query(since?: Date): Promise<Row> {
    const recent = since === undefined ? '' : 'and e.at >= $1'
    const { rows } = await this.#sql.query<Row>(
      `select incarnation, clock_timestamp() as at, (select last_value from banyan_position) as given, (
         select coalesce(json_object_agg(partition, head), '{}') from (
           select partition, (select max(position) from banyan_events e where e.partition = p.partition ${recent}) as head from generate_series(0, 63) p(partition)
         ) ends where head is not null
       ) as heads from banyan_log`,
      since === undefined ? [] : [since],
    )
    return rows[0]!
  }
}

function earliest({ at }: Known): Date {
  return new Date(at.getTime() - MARGIN)
}

function positionsOf({ heads }: Row): Map<number, number> {
  return new Map(Object.entries(heads).map(([partition, head]) => [Number(partition), head]))
}
