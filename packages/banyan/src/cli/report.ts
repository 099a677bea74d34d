import { sep } from 'node:path'
import type { ServiceFacts } from '../model/service.ts'
import { operationsOf } from '../model/contract.ts'
import type { RunningUnit, UnitOptions } from '../runtime/running-unit.ts'
import type { Style } from './style.ts'
import { table } from './table.ts'
import { version } from './version.ts'

/** What there is to know of a unit that has started. */
export interface UnitReport {
  readonly app: string
  readonly topology: string
  readonly unit: string
  readonly url: string
  /** The process it runs in. */
  readonly pid: number
  readonly services: readonly string[]
  /** HTTP routes of its own services; it answers those of the others as well. */
  readonly routes: number
  /** The first role that one of its access rules asks for. */
  readonly role: string | undefined
  readonly database: { readonly version: string; readonly address: string }
  /** PostgreSQL connections: all that the unit may have, and those of each service's pool. */
  readonly connections: { readonly budget: number; readonly pool: number }
}

export function reportOf({ url, server, runtime }: RunningUnit, { loaded, placement, directory }: UnitOptions): UnitReport {
  const facts = placement.services.map((service) => loaded.services.get(service)!)
  return {
    app: loaded.name,
    topology: placement.topology,
    unit: placement.unit,
    url,
    pid: process.pid,
    services: placement.services,
    routes: facts.flatMap(({ contract }) => operationsOf(contract)).filter((operation) => operation.facts.http !== undefined).length,
    role: facts.flatMap(roles)[0],
    database: { version: server.version, address: server.address.replace(directory + sep, '') },
    connections: { budget: placement.connections, pool: runtime.poolSize },
  }
}

function roles({ policies }: ServiceFacts): string[] {
  return Object.values(policies).flatMap(({ access }) => /\brole (\w+)/.exec(access?.text ?? '')?.[1] ?? [])
}

/** What runs where, for a person: units, services, routes, database, connections, and how to get a token. */
export function summary(reports: readonly UnitReport[], { bold, dim, cyan }: Style): string {
  const [first] = reports as readonly [UnitReport]
  const alone = reports.length === 1
  const role = reports.find((report) => report.role !== undefined)?.role
  const rows = [
    ...reports.map(({ unit, url, services, pid }) => [alone ? 'url' : unit, cyan(url), services.join(', '), alone ? '' : dim(`process ${pid}`)]),
    ['routes', String(sumOf(reports, ({ routes }) => routes)), dim('banyan routes')],
    ['database', `PostgreSQL ${first.database.version}`, dim(first.database.address)],
    [
      'connections',
      `at most ${sumOf(reports, ({ connections }) => connections.budget)}`,
      dim(alone ? poolText(first) : reports.map((report) => `${report.unit}: ${poolText(report)}`).join('; ')),
    ],
    ['token', `banyan token ada${role === undefined ? '' : ` --role ${role}`}`],
  ]
  const title = `${bold(first.app)}  ${dim(`topology ${first.topology}, Banyan ${version}`)}`
  return `\n  ${title}\n\n${table(
    rows.map(([what, ...rest]) => [dim(what!), ...rest]),
    { indent: '  ' },
  )}\n`
}

function poolText({ services, connections: { pool } }: UnitReport): string {
  return services.length === 1 ? `${pool} for ${services[0]}` : `${pool} for each of ${services.length} services`
}

function sumOf(reports: readonly UnitReport[], count: (report: UnitReport) => number): number {
  return reports.reduce((sum, report) => sum + count(report), 0)
}
