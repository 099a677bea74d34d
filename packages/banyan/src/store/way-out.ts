import type pg from 'pg'
import { BanyanError, type ErrorCode } from '../kernel/errors.ts'
import type { ServerFacts } from './requirements.ts'

const ways: Partial<Record<ErrorCode, string>> = {
  database_unreachable: 'start it or correct DATABASE_URL; where that is not set, the embedded server is used',
  database_login_failed: 'correct the user and password in DATABASE_URL',
  database_missing: 'create it or correct DATABASE_URL',
}

/** The failure to open a server at an address, with what to do about it. */
export function withWayOut(error: unknown, connections: number): unknown {
  if (!BanyanError.is(error)) return error
  const way = ways[error.code]
  if (way !== undefined) return told(error, `${error.message}; ${way}`)
  return isCrowded(error) ? told(error, `${error.message}; this process needs one now and may use ${connections}: ${room}`) : error
}

const room = 'end what holds the others, raise max_connections (`show max_connections`), or lower `connections` of the units'

export interface Crowd {
  readonly address: string
  readonly facts: Pick<ServerFacts, 'maxConnections' | 'reserved'>
  /** How many this process may have. */
  readonly connections: number
  /** A superuser's still gets one where others do not. */
  readonly admin: pg.Pool
}

/** Where the server has no connection left, the error with what is needed and what there is; any other as it came. */
export async function crowdedError(error: unknown, { address, facts, connections, admin }: Crowd): Promise<unknown> {
  if (!isCrowded(error)) return error
  const used = await connectionsInUse(admin)
  const given = `${facts.maxConnections - facts.reserved} to ordinary users (max_connections ${facts.maxConnections} minus ${facts.reserved} reserved)`
  return told(
    error,
    `${error.message}; this process may use ${connections}, and ${address} gives ${given}${used === undefined ? '' : `, of which ${used} are in use`}: ${room}`,
  )
}

/** 53300, too_many_connections. A pool of our own that is used up is another thing. */
function isCrowded(error: unknown): error is BanyanError {
  return BanyanError.is(error, 'overloaded') && error.details['sqlstate'] === '53300'
}

async function connectionsInUse(admin: pg.Pool): Promise<number | undefined> {
  try {
    const { rows } = await admin.query<{ used: number }>("select count(*)::int as used from pg_stat_activity where backend_type = 'client backend'")
    return rows[0]?.used
  } catch {
    // it may have none left for us either
    return undefined
  }
}

function told(error: BanyanError, message: string): BanyanError {
  return new BanyanError(error.code, message, { cause: error.cause, details: error.details, executed: error.executed })
}
