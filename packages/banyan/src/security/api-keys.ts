import { timingSafeEqual } from 'node:crypto'
import { BanyanError } from '../kernel/errors.ts'
import { systemClock, type Clock } from '../kernel/clock.ts'
import type { Identity } from '../model/access.ts'
import { sqlError } from '../store/sql-errors.ts'
import type { Sql } from '../store/sql.ts'
import { apiKeyId, hashOfSecret } from './api-key.ts'
import { authTable } from './auth-tables.ts'
import { identity } from './identity.ts'
import { TokenCache } from './token-cache.ts'

export interface ApiKeyVerifierOptions {
  readonly app: string
  readonly prefix: string
  readonly sql: Sql
  readonly clock?: Pick<Clock, 'monotonic'>
}

/** Knows who shows an API key. */
export interface ApiKeyVerifier {
  /** Whether a token means to be a key of this app. */
  claims(token: string): boolean
  /** Throws `unauthenticated` for a key that is not good, and why; `unavailable` where the database does not answer. */
  verify(token: string): Identity | Promise<Identity>
}

interface Row {
  readonly tenant: string
  readonly scopes: readonly string[]
  readonly roles: readonly string[]
  readonly hash: Buffer
  readonly previous: Buffer | null
  readonly revoked: Date | null
  readonly ends: Date | null
  readonly ended: boolean
  readonly fresh: boolean
  readonly left: number
}

/** How long a key is good here after it was revoked elsewhere. */
const REMEMBER_MS = 2_000
const REMEMBERED = 10_000
/** The least time between two notes that a key was used. */
const USED_S = 60

/**
 * API keys that the app's database knows. One that was found good is not looked up again for two seconds, so a revoked key is refused
 * everywhere within these. Who shows a key is `key:<id>`, with its scopes, and with roles only where it was given some.
 */
export function apiKeyVerifier({ app, prefix, sql, clock = systemClock }: ApiKeyVerifierOptions): ApiKeyVerifier {
  // by the hash, so that no key stands in memory longer than its request
  const known = new TokenCache<Identity>(REMEMBERED)
  const table = authTable(app, 'api_key')

  async function lookUp(id: string, hash: Buffer): Promise<Identity> {
    const row = await found(id)
    const current = row !== undefined && timingSafeEqual(row.hash, hash)
    const before = row?.previous ? timingSafeEqual(row.previous, hash) : false
    if (!row || (!current && !before)) throw refuse('the API key is unknown', 'unknown_key')
    if (row.revoked) throw refuse(`the API key ${id} was revoked at ${row.revoked.toISOString()}`, 'revoked')
    if (row.ended) throw refuse(`the API key ${id} expired at ${row.ends!.toISOString()}; have a new one made`, 'expired')
    if (!row.fresh) await noteUse(id)
    const who = identity({ subject: `key:${id}`, scopes: row.scopes, roles: row.roles, tenant: row.tenant })
    known.keep(hash.toString('latin1'), who, clock.monotonic() + Math.min(REMEMBER_MS, row.left))
    return who
  }

  async function found(id: string): Promise<Row | undefined> {
    try {
      const { rows } = await sql.query<Row>(
        /* sql */ `
        select tenant, scopes, roles, hash, case when previous_ends > now then previous end as previous, revoked, ends,
          coalesce(ends <= now, false) as ended, coalesce(used > now - $2 * interval '1 second', false) as fresh,
          coalesce(extract(epoch from least(ends, case when previous_ends > now then previous_ends end) - now) * 1000, $3)::float8 as left
        from ${table}, clock_timestamp() as now where id = $1`,
        [id, USED_S, REMEMBER_MS],
      )
      return rows[0]
    } catch (error) {
      throw sqlError(error)
    }
  }

  /** Who is first in a minute writes; others see that it was written. */
  async function noteUse(id: string): Promise<void> {
    try {
      await sql.query(`update ${table} set used = clock_timestamp() where id = $1 and coalesce(used < clock_timestamp() - $2 * interval '1 second', true)`, [
        id,
        USED_S,
      ])
    } catch (error) {
      throw sqlError(error)
    }
  }

  return {
    claims: (token) => token.startsWith(`${prefix}_`),
    verify(token) {
      const id = apiKeyId(token, prefix)
      if (id === undefined) throw refuse(`the API key is incomplete or mistyped: a key is '${prefix}_', an id, '_' and a secret with a check sum`, 'malformed')
      const hash = hashOfSecret(token)
      return known.find(hash.toString('latin1'), clock.monotonic()) ?? lookUp(id, hash)
    },
  }
}

function refuse(message: string, reason: string): BanyanError {
  return new BanyanError('unauthenticated', message, { details: { reason } })
}
