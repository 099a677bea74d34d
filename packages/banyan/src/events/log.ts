import { BanyanError } from '../kernel/errors.ts'
import { sqlError } from '../store/sql-errors.ts'
import type { Sql } from '../store/sql.ts'
import type { RecordedEvent } from './event.ts'
import type { Positions } from './feed.ts'
import type { Folds } from './fold.ts'
import { LogEnds } from './log-heads.ts'
import type { LogHeads, LogReader } from './log-feed.ts'
import type { StreamState } from './state-cache.ts'

/** Which events of a stream. */
export interface StreamRange {
  /** Only events of a later version; 0 unless said. */
  readonly after?: number
  /** Only events up to this version. */
  readonly version?: number
  /** Only events recorded up to this millisecond: with the time that an event is read with, up to that event. */
  readonly at?: Date
}

/** The read side of a log. Errors are those of `sqlError`. */
export interface EventLog extends LogReader {
  /** Events of a stream in order, at most `limit` (1,000 unless said). Nothing for a stream that has none. */
  readStream(stream: string, range?: StreamRange & { readonly limit?: number }): Promise<readonly RecordedEvent[]>
  /**
   * The state of a stream, read page by page, and roughly the bytes it was read from; from `start` on where given. Throws
   * `stream_not_found` when `version` is above what the stream has.
   */
  fold<State>(folds: Folds<State>, stream: string, range?: StreamRange, start?: StreamState<State>): Promise<FoldedStream<State>>
}

export interface FoldedStream<State> {
  readonly state: StreamState<State>
  readonly bytes: number
}

const PAGE = 1_000

export function eventLog(sql: Sql): EventLog {
  return new SqlEventLog(sql)
}

interface Row extends Omit<RecordedEvent, 'position'> {
  readonly position: string
}

const columns = 'id, stream, version, partition, position, type, schema, tenant, data, meta, at'

class SqlEventLog implements EventLog {
  readonly #sql: Sql
  readonly #ends: LogEnds

  constructor(sql: Sql) {
    this.#sql = sql
    this.#ends = new LogEnds(sql)
  }

  async heads(): Promise<LogHeads> {
    try {
      return await this.#ends.read()
    } catch (error) {
      throw sqlError(error)
    }
  }

  async readAfter(positions: Positions, types: readonly string[] | undefined, limit: number): Promise<readonly RecordedEvent[]> {
    const found: RecordedEvent[] = []
    // those furthest behind first, for when there is not room for all
    let rest = new Map([...positions].sort(([, a], [, b]) => a - b))
    // a partition that had more than its share is read on; usually none has, and one round trip is all
    while (rest.size > 0 && found.length < limit) {
      const share = Math.max(1, Math.floor((limit - found.length) / rest.size))
      const page = await this.#readShares(rest, types, share, limit - found.length)
      found.push(...page)
      rest = remaining(page, share)
    }
    return found
  }

  readStream(stream: string, range: StreamRange & { readonly limit?: number } = {}): Promise<readonly RecordedEvent[]> {
    return this.#readStream<Row>(columns, stream, range, range.limit ?? PAGE).then((rows) => rows.map(recorded))
  }

  async fold<State>(
    folds: Folds<State>,
    stream: string,
    range: StreamRange = {},
    start: StreamState<State> = { version: 0, state: folds.initial },
  ): Promise<FoldedStream<State>> {
    let { version, last, state } = start
    let bytes = 0
    for (let full = true; full;) {
      const page = await this.#readStream<Pick<RecordedEvent, 'id' | 'version' | 'type' | 'data'> & { size: number }>(
        'id, version, type, data, octet_length(data::text) as size',
        stream,
        { ...range, after: version },
        PAGE,
      )
      for (const event of page) {
        state = folds.evolve(state, event)
        version = event.version
        last = event.id
        bytes += event.size
      }
      full = page.length === PAGE
    }
    if (range.version !== undefined && version < range.version) {
      throw new BanyanError('stream_not_found', `The stream ${stream} has ${version} events, and its state at version ${range.version} was asked for`)
    }
    return { state: { version, ...(last === undefined ? {} : { last }), state }, bytes }
  }

  #readStream<Result extends object>(what: string, stream: string, { after = 0, version, at }: StreamRange, limit: number): Promise<Result[]> {
    return this.#query<Result>(
      `select ${what} from banyan_events
       where stream = $1 and version > $2 and ($3::int is null or version <= $3) and ($4::timestamptz is null or at < $4 + interval '1 ms') order by version limit $5`,
      [stream, after, version ?? null, at ?? null, limit],
    )
  }

  async #readShares(positions: Positions, types: readonly string[] | undefined, share: number, limit: number): Promise<RecordedEvent[]> {
    const since = this.#ends.since(positions)
    const rows = await this.#query<Row>(
      `select e.* from unnest($1::int[], $2::bigint[]) with ordinality as p(partition, position, n)
       cross join lateral (
         select ${columns} from banyan_events
         where partition = p.partition and position > p.position and ($3::text[] is null or type = any($3)) ${since ? 'and at >= $6' : ''} order by position limit $4
       ) e
       order by p.n, e.position limit $5`,
      [[...positions.keys()], [...positions.values()], types ?? null, share, limit, ...(since ? [since] : [])],
    )
    return rows.map(recorded)
  }

  async #query<Result extends object>(text: string, values: unknown[] = []): Promise<Result[]> {
    try {
      return (await this.#sql.query<Result>(text, values)).rows
    } catch (error) {
      throw sqlError(error)
    }
  }
}

/** int8 comes as text from the driver; positions stay far below 2^53. */
function recorded(row: Row): RecordedEvent {
  return { ...row, position: Number(row.position) }
}

/** The partitions whose share was used up, at the position they were read to. */
function remaining(page: readonly RecordedEvent[], share: number): Map<number, number> {
  const counts = new Map<number, number>()
  const last = new Map<number, number>()
  for (const { partition, position } of page) {
    counts.set(partition, (counts.get(partition) ?? 0) + 1)
    last.set(partition, position)
  }
  return new Map([...last].filter(([partition]) => counts.get(partition)! >= share))
}
