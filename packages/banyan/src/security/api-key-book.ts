import { milliseconds, type Duration } from '../kernel/duration.ts'
import { BanyanError } from '../kernel/errors.ts'
import type { Sql } from '../store/sql.ts'
import { hashOfSecret, newApiKey, type ApiKeyText } from './api-key.ts'
import { authTable } from './auth-tables.ts'
import { DEFAULT_TENANT } from './identity.ts'

/** An API key as lists show it. */
export interface ApiKeyEntry {
  readonly id: string
  readonly name: string
  readonly tenant: string
  readonly scopes: readonly string[]
  readonly roles: readonly string[]
  readonly state: 'good' | 'rotating' | 'expired' | 'revoked'
  readonly made: Date
  readonly ends: Date | null
  readonly revoked: Date | null
  /** To the minute; `null`: never. */
  readonly used: Date | null
}

export interface NewApiKey {
  /** Whose it is, for people: `nightly import`. */
  readonly name: string
  /** What it may be used for: `access: scope('catalog:write')`. */
  readonly scopes: readonly string[]
  /** None unless said: whoever has a role may do all that the role may. */
  readonly roles?: readonly string[]
  /** `default` unless said. */
  readonly tenant?: string | undefined
  /** Good without end unless said. */
  readonly lasting?: Duration | undefined
}

/** The API keys of an app, for those who administer them. Their tables must be there (`makeAuthTables`). */
export interface ApiKeyBook {
  /** Makes a key; its text is told now and never again. */
  create(key: NewApiKey): Promise<ApiKeyText>
  list(): Promise<readonly ApiKeyEntry[]>
  /** A new secret for a key. The one before stays good for `overlap`, 24 hours unless said; of several before only the last. Throws `not_found`. */
  rotate(id: string, overlap?: Duration): Promise<ApiKeyText>
  /** Refused everywhere within two seconds. Throws `not_found`. */
  revoke(id: string): Promise<void>
}

export function apiKeyBook({ app, prefix, sql }: { readonly app: string; readonly prefix: string; readonly sql: Sql }): ApiKeyBook {
  const table = authTable(app, 'api_key')

  async function change(id: string, set: string, values: readonly unknown[] = []): Promise<void> {
    const { rowCount } = await sql.query(`update ${table} set ${set} where id = $1 and revoked is null`, [id, ...values])
    if (rowCount === 1) return
    const { rows } = await sql.query<{ revoked: Date }>(`select revoked from ${table} where id = $1`, [id])
    throw new BanyanError(
      'not_found',
      rows[0]
        ? `the API key '${id}' was revoked at ${rows[0].revoked.toISOString()}`
        : `there is no API key '${id}'; \`banyan keys list\` shows those there are`,
    )
  }

  return {
    async create({ name, scopes, roles = [], tenant = DEFAULT_TENANT, lasting }) {
      const key = newApiKey(prefix)
      await sql.query(
        /* sql */ `
        insert into ${table} (id, name, tenant, scopes, roles, hash, made, ends)
        select $1, $2, $3, $4, $5, $6, now, now + $7::float8 * interval '1 millisecond' from clock_timestamp() as now`,
        [key.id, name, tenant, [...scopes], [...roles], hashOfSecret(key.text), lasting === undefined ? null : milliseconds(lasting)],
      )
      return key
    },
    async list() {
      const { rows } = await sql.query<ApiKeyEntry>(/* sql */ `
        select id, name, tenant, scopes, roles, made, ends, revoked, used,
          case when revoked is not null then 'revoked' when ends <= now then 'expired' when previous_ends > now then 'rotating' else 'good' end as state
        from ${table}, clock_timestamp() as now order by made, id`)
      return rows
    },
    async rotate(id, overlap = '24h') {
      const key = newApiKey(prefix, id)
      await change(id, `previous = hash, previous_ends = clock_timestamp() + $3 * interval '1 millisecond', hash = $2`, [
        hashOfSecret(key.text),
        milliseconds(overlap),
      ])
      return key
    },
    revoke: (id) => change(id, 'revoked = clock_timestamp()'),
  }
}
