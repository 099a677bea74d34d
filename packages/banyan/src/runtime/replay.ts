import { compareTables, type TableComparison } from '../store/compare-tables.ts'
import type { Sql } from '../store/sql.ts'
import { ownTables } from '../store/table-digest.ts'
import { replayLogs } from './replay-log.ts'
import { openSources, type OpenSource, type ReplayPlace } from './replay-source.ts'

export interface ProjectionReplay extends ReplayPlace {
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
 * Runs a projection over the logs from their beginning. Which events the live tables have dealt with is told by their checkpoints at the
 * start, so first those are replayed and the tables compared, and then the rest is replayed.
 */
export async function replayProjection(options: ProjectionReplay): Promise<ReplayReport> {
  const { live, scratch, until, signal, lanes } = options
  await live.query('begin transaction isolation level repeatable read read only')
  const sources = await openSources(options)
  const reached = new Map(sources.map((source) => [source.listening.source, source.reached]))
  const ends = new Map(sources.map((source) => [source.listening.source, source.heads.positions]))
  const without = new Set(sources.flatMap(({ parked }) => parked))
  const all = sources.reduce((sum, { count }) => sum + count, 0)
  let done = 0
  const applied = (count: number): void => options.progress((done += count), all)
  const replay = { until, without, applied, signal, lanes }

  const began = performance.now()
  const same = await replayLogs(sources, new Map(), reached, replay)
  const stopped = performance.now()
  const incomparable = signal.aborted ? 'it was stopped before its end' : (separated(options) ?? whyNot(sources, same.later, until))
  const tables = incomparable === undefined ? await compareWritten(live, scratch.pool) : undefined
  const resumed = performance.now()
  const rest = await replayLogs(sources, reached, ends, replay)
  return {
    events: same.applied + rest.applied,
    milliseconds: stopped - began + performance.now() - resumed,
    ahead: rest.applied,
    parked: without.size,
    tables,
    ...(incomparable !== undefined && { incomparable }),
  }
}

async function compareWritten(live: Sql, scratch: Sql): Promise<readonly TableComparison[]> {
  const found: TableComparison[] = []
  for (const table of await ownTables(scratch)) if (table.written) found.push(await compareTables(live, scratch, table))
  return found
}

function separated({ services, service }: ReplayPlace): string | undefined {
  return services.get(service)!.store.tenants && 'the live tables are kept apart by tenant, and nobody sees all of them'
}

function whyNot(sources: readonly OpenSource[], later: number, until: Date | undefined): string | undefined {
  const rewound = sources.find(({ incarnation, heads }) => incarnation !== undefined && incarnation !== heads.incarnation)
  if (rewound) return `the log of ${rewound.listening.source} was restored or replaced since the live tables followed it (log_rewound)`
  if (sources.every(({ incarnation }) => incarnation === undefined)) return 'no process has run this version of the projection yet'
  if (later > 0) return `the live tables are of now, with ${later} events after ${until!.toISOString()}`
  return undefined
}
