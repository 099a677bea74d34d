import { operationsOf } from '../model/contract.ts'
import type { LoadedApp } from '../runtime/load.ts'
import type { Placement } from '../runtime/placement.ts'
import type { RunningUnit } from '../runtime/running-unit.ts'
import type { Style } from './style.ts'
import { table } from './table.ts'
import { version } from './version.ts'

/** What there is to know of a unit that has started. */
export interface UnitReport {
  readonly app: string
  readonly topology: string
  readonly unit: string
  readonly url: string
  readonly services: readonly string[]
  /** HTTP routes of its own services; it answers those of the others as well. */
  readonly routes: number
  readonly database: { readonly version: string; readonly embedded: boolean; readonly address: string }
  /** PostgreSQL connections: all that the unit may have, and those of each service's pool. */
  readonly connections: { readonly budget: number; readonly pool: number }
}

export function reportOf(unit: RunningUnit, loaded: LoadedApp, { topology, unit: name, services, connections }: Placement): UnitReport {
  const operations = services.flatMap((service) => operationsOf(loaded.services.get(service)!.contract))
  const { version: serverVersion, embedded, address } = unit.server
  return {
    app: loaded.name,
    topology,
    unit: name,
    url: unit.url,
    services,
    routes: operations.filter(({ facts }) => facts.http !== undefined).length,
    database: { version: serverVersion, embedded, address },
    connections: { budget: connections, pool: unit.runtime.poolSize },
  }
}

/** What runs where, for a person: units, services, routes, database, connections, and how to get a token. */
export function summary(reports: readonly UnitReport[], { bold, dim, cyan }: Style): string {
  const [first] = reports as readonly [UnitReport]
  const alone = reports.length === 1
  const rows = [
    ...reports.map(({ unit, url, services }) => [alone ? 'url' : unit, cyan(url), services.join(', ')]),
    ['routes', String(sumOf(reports, ({ routes }) => routes)), 'banyan routes'],
    ['database', `PostgreSQL ${first.database.version}`, first.database.address],
    ['connections', `at most ${sumOf(reports, ({ connections }) => connections.budget)}`, alone ? poolText(first) : reports.map((report) => `${report.unit}: ${poolText(report)}`).join('; ')],
    ['token', 'banyan token ada --role customer'],
  ]
  const title = `${bold(first.app)}  ${dim(`topology ${first.topology}, Banyan ${version}`)}`
  return `\n  ${title}\n\n${table(rows.map(([what, value, more]) => [dim(what!), value!, ...(more === undefined ? [] : [dim(more)])]), { indent: '  ' })}\n`
}

function poolText({ services, connections: { pool } }: UnitReport): string {
  return services.length === 1 ? `${pool} for ${services[0]}` : `${pool} for each of ${services.length} services`
}

function sumOf(reports: readonly UnitReport[], count: (report: UnitReport) => number): number {
  return reports.reduce((sum, report) => sum + count(report), 0)
}
