import type { Projection } from '../model/service.ts'
import { projectionName } from '../runtime/planned-subscriptions.ts'
import { replayProjection, type ReplayReport } from '../runtime/replay.ts'
import { readMigrations } from '../store/migration.ts'
import type { RowDifference, TableComparison } from '../store/compare-tables.ts'
import { scratchDatabase } from '../store/scratch.ts'
import type { Sql } from '../store/sql.ts'
import { several } from './amounts.ts'
import { misuse, type Arguments } from './arguments.ts'
import type { Io, Output } from './io.ts'
import { nearest } from '../kernel/nearest.ts'
import { chosenServices, loadProject, openDatabaseOf, reading, type LoadedProject } from './project.ts'
import { styleOf, type Style } from './style.ts'
import { shorten, table } from './table.ts'

/** Partitions that are read side by side. */
const LANES = 4
/** Connections to each log. */
const READERS = 2
const PROGRESS_MS = 250

interface Chosen {
  readonly service: string
  readonly projection: Projection
}

/** `banyan events --replay`: runs a projection into a scratch schema and compares. Answers 1 where the live tables differ. */
export async function replay(name: string, until: Date | undefined, args: Arguments, io: Io): Promise<number> {
  const project = await loadProject(args, io)
  const chosen = chosenProjection(project, name, args.positionals)
  const { services } = project.loaded
  await using database = await openDatabaseOf(project, args, io, services.size * READERS + 3)
  const { server } = database
  return await reading(database, async () => {
    const logs = new Map<string, Sql>()
    const databaseOf = (service: string): Sql => {
      const sql = logs.get(service) ?? server.open(service, { connections: READERS }).pool
      logs.set(service, sql)
      return sql
    }
    const { service, projection } = chosen
    const directory = services.get(service)!.store.migrations
    const live = await server.open(service, { connections: 0 }).connect()
    await using scratch = await scratchDatabase(server, service, directory === undefined ? [] : [await readMigrations(directory, service)], {
      connections: LANES,
    })
    const telling = new Progress(io.err, `replaying ${projectionName(projection)} of ${service} into schema ${scratch.database.schema}`)
    try {
      const report = await replayProjection({
        services,
        service,
        projection,
        live,
        scratch: scratch.database,
        databaseOf,
        until,
        lanes: LANES,
        signal: io.untilStopped(),
        progress: (done, all) => telling.tell(done, all),
      })
      telling.end()
      const kept = args.flag('keep') ? { schema: scratch.database.schema, removal: scratch.removal } : undefined
      if (args.flag('json')) io.out.write(`${JSON.stringify({ ...chosen, projection: projectionName(projection), ...report, ...(kept && { kept }) })}\n`)
      else io.out.write(reportText(chosen, report, kept, styleOf(io.out, io.env), io.out.width))
      return report.tables?.some(({ differing }) => differing > 0) ? 1 : 0
    } finally {
      telling.end()
      if (!args.flag('keep')) await scratch.remove()
    }
  })
}

function chosenProjection({ loaded: { services } }: LoadedProject, name: string, given: readonly string[]): Chosen {
  const all = chosenServices(given, [...services.keys()]).flatMap((service) =>
    services.get(service)!.projections.map((projection) => ({ service, projection })),
  )
  const found = all.filter(({ projection }) => projection.name === name || projectionName(projection) === name)
  const [first, second] = found
  if (first && !second) return first
  if (first)
    throw misuse(
      `several projections are called '${name}': ${found.map(text).join(', ')}; name the service, as in banyan events ${first.service} --replay ${name}`,
    )
  const meant = nearest(
    name,
    all.map(({ projection }) => projection.name),
  )
  throw misuse(
    `there is no projection '${name}'; ${meant ? `did you mean '${meant}'?` : all.length === 0 ? 'there are none' : `there are ${all.map(text).join(', ')}`}`,
  )

  function text({ service, projection }: Chosen): string {
    return `${projectionName(projection)} of ${service}`
  }
}

/** How far it is: a line that is written over on a terminal, and otherwise only its beginning. */
class Progress {
  readonly #out: Output
  readonly #began = performance.now()
  #told = 0
  #open: boolean

  constructor(out: Output, beginning: string) {
    this.#out = out
    this.#open = out.terminal
    out.write(`${beginning}\n`)
  }

  tell(done: number, all: number): void {
    const now = performance.now()
    if (!this.#open || now - this.#told < PROGRESS_MS) return
    this.#told = now
    const part = all === 0 ? 100 : Math.min(100, Math.floor((100 * done) / all))
    this.#out.write(`\r\u001B[K${shorten(`${part}%  ${count(done)} of ${count(all)} events  ${rate(done, now - this.#began)}`, this.#out.width)}`)
  }

  end(): void {
    if (this.#open) this.#out.write('\r\u001B[K')
    this.#open = false
  }
}

interface Kept {
  readonly schema: string
  readonly removal: string
}

/** What was replayed and how the live tables compare with it. */
export function reportText({ service, projection }: Chosen, report: ReplayReport, kept: Kept | undefined, style: Style, width: number | undefined): string {
  const { events, milliseconds, tables, incomparable, ahead, parked } = report
  const { bold, dim } = style
  return [
    `${bold(projectionName(projection))} of ${service}: ${several(events, 'event')} in ${(milliseconds / 1000).toFixed(1)} s, ${rate(events, milliseconds)}\n`,
    tables ? tablesText(tables, style, width) : `not compared with the live tables: ${incomparable}\n`,
    ...(tables && ahead > 0 ? [dim(`replayed and not compared: ${several(ahead, 'event')} that the live tables do not have yet\n`)] : []),
    ...(parked > 0 ? [dim(`left out: ${several(parked, 'event')} parked in the live projection\n`)] : []),
    ...(kept ? [`kept in schema ${kept.schema}; remove it with: ${kept.removal}\n`] : []),
  ].join('')
}

function tablesText(tables: readonly TableComparison[], { red, green, dim }: Style, width: number | undefined): string {
  if (tables.length === 0) return 'it wrote to no table\n'
  const rows = tables.map(({ table: name, left, right, differing, more }) => [
    name,
    count(left),
    count(right),
    differing === 0 ? green('the same') : red(`${more ? 'at least ' : ''}${several(differing, 'row')} not the same`),
  ])
  const shown = tables.flatMap(({ table: name, shown: some }) => some.map((row) => `${shorten(`  ${dim(name)}  ${differenceText(row)}`, width)}\n`))
  return table(rows, { head: ['TABLE', 'LIVE', 'REPLAYED', ''], width }) + shown.join('')
}

function differenceText({ key, left, right }: RowDifference): string {
  const named = Object.entries(key).map(([column, value]) => `${column} ${JSON.stringify(value)}`)
  const side = (row: RowDifference['left']): string => (row ? JSON.stringify(row) : 'no row')
  return [...named, `live ${side(left)}`, `replayed ${side(right)}`].join('  ')
}

function count(number: number): string {
  return number.toLocaleString('en')
}

function rate(events: number, milliseconds: number): string {
  return `${count(Math.round((events * 1000) / Math.max(1, milliseconds)))} a second`
}
