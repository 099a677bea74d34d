import { BanyanError } from '../kernel/errors.ts'
import type { Sql } from './sql.ts'

/** What a server says about itself. */
export interface ServerFacts {
  /** For example 180004 for 18.4. */
  readonly version: number
  readonly fsync: boolean
  readonly fullPageWrites: boolean
  readonly maxConnections: number
  /** Of those, how many are kept for superusers and privileged roles. */
  readonly reserved: number
  readonly user: string
  readonly superuser: boolean
}

/** Columns of one SELECT that answer `ServerFacts`; readable by any role. */
export const factColumns = /* sql */ `
  current_setting('server_version_num')::int as "version",
  current_setting('fsync')::bool as "fsync",
  current_setting('full_page_writes')::bool as "fullPageWrites",
  current_setting('max_connections')::int as "maxConnections",
  current_setting('superuser_reserved_connections')::int + coalesce(current_setting('reserved_connections', true)::int, 0) as "reserved",
  current_user::text as "user",
  (select rolsuper from pg_roles where rolname = current_user) as "superuser"`

export async function serverFacts(sql: Sql): Promise<ServerFacts> {
  const { rows } = await sql.query<ServerFacts>(`select ${factColumns}`)
  return rows[0]!
}

/** For example `18.4`. */
export function versionText(version: number): string {
  return `${Math.floor(version / 10_000)}.${version % 10_000}`
}

/** Throws `database_version`, `database_unsafe` or `database_budget` where the server cannot carry the app. */
export function checkRequirements(facts: ServerFacts, address: string, wanted: { readonly connections: number; readonly unsafe: boolean }): void {
  const major = Math.floor(facts.version / 10_000)
  if (major < 15 || major > 18)
    throw new BanyanError(
      'database_version',
      `${address} runs PostgreSQL ${versionText(facts.version)}, and 15 to 18 is needed; use another server or the embedded one`,
    )
  const off = [...(facts.fsync ? [] : ['fsync']), ...(facts.fullPageWrites ? [] : ['full_page_writes'])]
  if (off.length > 0 && !wanted.unsafe) {
    throw new BanyanError(
      'database_unsafe',
      `${address} runs with ${off.join(' and ')} off, so a power failure loses what was acknowledged; turn ${off.length > 1 ? 'them' : 'it'} on, or say \`unsafe: true\` in the topology where losing data is fine or the storage is durable by itself (Aurora, Neon)`,
    )
  }
  const available = facts.maxConnections - facts.reserved
  if (wanted.connections > available) {
    throw new BanyanError(
      'database_budget',
      `this process may use ${wanted.connections} connections, and ${address} gives ${available} to ordinary users (max_connections ${facts.maxConnections} minus ${facts.reserved} reserved); lower \`connections\` or raise max_connections`,
    )
  }
}
