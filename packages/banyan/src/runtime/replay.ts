import type pg from 'pg'
import { readCheckpoints, type SubscriptionKey } from '../events/checkpoint.ts'
import { PARTITIONS } from '../events/event.ts'
import { logFeed, WatchedLog, type LogHeads } from '../events/log-feed.ts'
import { eventLog } from '../events/log.ts'
import type { Projection, ServiceFacts } from '../model/service.ts'
import { compareTables, type TableComparison } from '../store/compare-tables.ts'
import type { ServiceDatabase } from '../store/service-database.ts'
import type { Sql } from '../store/sql.ts'
import { ownTables } from '../store/table-digest.ts'
import type { Listening } from './listen.ts'
import { projectionListenings, projectionName } from './planned-subscriptions.ts'
import { ProjectionBatches } from './projections.ts'
import { publisherOf } from './publish.ts'
import { replayLogs, type ReplaySource } from './replay-log.ts'

export interface ProjectionReplay {
  readonly services: ReadonlyMap<string, ServiceFacts>
  readonly service: string
  readonly projection: Projection
  /** A connection to the service's database, of its own: what it reads stays as it was when this began. */
  readonly live: pg.Client
  /** Where the projection's functions write; it has the service's tables, empty. */
  readonly scratch: ServiceDatabase
  /** The database of a service whose log is read, under its own role. */
  readonly databaseOf: (service: string) => Sql
  readonly until: Date | undefined
  readonly lanes: number
  readonly signal: AbortSignal
  /** Told as events are applied: how many of how many so far. */
  readonly progress: (done: number, all: number) => void
}

export interface ReplayReport {
  /** Events that were applied, and how long that took. */
  readonly events: number
  readonly milliseconds: number
  /** Those of them that the live tables do not have yet. */
  readonly ahead: number
  /** Events left out because they are parked. */
  readonly parked: number
  /** The tables that the projection wrote, live (left) and replayed (right); `undefined` where they cannot be compared. */
  readonly tables: readonly TableComparison[] | undefined
  /** Why they cannot. */
  readonly incomparable?: string
}

/**
 * Runs a projection over the logs from their beginning. Where the live tables have dealt with an event or not is told by their checkpoints
 * at the start, so first what they have is replayed and compared, and then the rest.
 */
export async function replayProjection(options: ProjectionReplay): Promise<ReplayReport> {
  const { services, service, projection, live, scratch, databaseOf, until } = options
  const listenings = projectionListenings(services.get(service)!, publisherOf(services.get(service)!), projection)
  await live.query('begin transaction isolation level repeatable read read only')
  const logs = await Promise.all(listenings.map((listening) => openLog(listening, { subscription: projectionName(projection), source: listening.source })))
  const sources: readonly ReplaySource[] = logs.map(({ feed }, nth) => ({
    listening: listenings[nth]!,
    feed,
    batches: new ProjectionBatches(scratch, listenings[nth]!),
  }))
  const reached = new Map(logs.map(({ source, reached }) => [source, reached]))
  const ends = new Map(logs.map(({ source, heads }) => [source, heads.positions]))
  const without = new Set(logs.flatMap(({ parked }) => parked))
  const all = logs.reduce((sum, { count }) => sum + count, 0)
  let done = 0
  const applied = (count: number): void => options.progress((done += count), all)
  const replay = { until, without, applied, signal: options.signal, lanes: options.lanes }

  const began = performance.now()
  const same = await replayLogs(sources, new Map(), reached, replay)
  const compared = performance.now()
  const incomparable = options.signal.aborted ? 'it was stopped before its end' : whyNot(logs, same.later, until)
  const tables = incomparable === undefined ? await comparison(live, scratch.pool) : undefined
  const resumed = performance.now()
  const rest = await replayLogs(sources, reached, ends, replay)
  return {
    events: same.applied + rest.applied,
    milliseconds: compared - began + performance.now() - resumed,
    ahead: rest.applied,
    parked: without.size,
    tables,
    ...(incomparable !== undefined && { incomparable }),
  }

  async function comparison(left: Sql, right: Sql): Promise<readonly TableComparison[]> {
    const found: TableComparison[] = []
    for (const table of await ownTables(right)) if (table.written) found.push(await compareTables(left, right, table))
    return found
  }

  async function openLog({ source, types }: Listening, key: SubscriptionKey): Promise<OpenLog> {
    const sql = databaseOf(source)
    const log = eventLog(sql)
    const theirs = source === service ? undefined : publisherOf(services.get(source)!)
    const recorded = theirs ? [...new Set(types.flatMap((type) => theirs.recorded(type)))] : types
    const [position, heads, { rows: counted }] = await Promise.all([
      livePosition(live, key),
      log.heads(),
      sql.query<{ count: number }>('select count(*)::int as count from banyan_events where type = any($1)', [recorded]),
    ])
    return {
      source,
      feed: logFeed(new WatchedLog(log), theirs),
      heads,
      count: counted[0]!.count,
      ...position,
      rewound: position.incarnation !== undefined && position.incarnation !== heads.incarnation,
    }
  }
}

interface OpenLog extends LivePosition {
  readonly source: string
  readonly feed: ReplaySource['feed']
  readonly heads: LogHeads
  readonly count: number
  readonly rewound: boolean
}

interface LivePosition {
  readonly reached: ReadonlyMap<number, number>
  readonly incarnation: string | undefined
  readonly parked: readonly string[]
}

async function livePosition(live: Sql, key: SubscriptionKey): Promise<LivePosition> {
  const values = [key.subscription, key.source]
  const { rows: logs } = await live.query<{ incarnation: string }>(
    'select incarnation from banyan_subscriptions where subscription = $1 and source = $2 and incarnation is not null limit 1',
    values,
  )
  const { rows: parked } = await live.query<{ id: string }>(`select event ->> 'id' as id from banyan_parked where subscription = $1 and source = $2`, values)
  const checkpoints = await readCheckpoints(
    live,
    key,
    Array.from({ length: PARTITIONS }, (_, partition) => partition),
  )
  return {
    reached: new Map(checkpoints.map(({ partition, position }) => [partition, position])),
    incarnation: logs[0]?.incarnation,
    parked: parked.map(({ id }) => id),
  }
}

function whyNot(logs: readonly OpenLog[], later: number, until: Date | undefined): string | undefined {
  const rewound = logs.find((log) => log.rewound)
  if (rewound) return `the log of ${rewound.source} was restored or replaced since the live tables followed it (log_rewound)`
  if (logs.every(({ incarnation }) => incarnation === undefined)) return 'no process has run this version of the projection yet'
  if (later > 0) return `the live tables are of now, with ${later} events after ${until!.toISOString()}`
  return undefined
}
