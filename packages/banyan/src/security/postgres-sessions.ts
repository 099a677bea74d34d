import { sqlError } from '../store/sql-errors.ts'
import type { Sql } from '../store/sql.ts'
import { authTable } from './auth-tables.ts'
import type { About, SessionStore, StoredSession } from './session-store.ts'

interface Row {
  readonly id: string
  readonly subject: string
  readonly tenant: string
  readonly roles: readonly string[]
  readonly about: About
  readonly began: Date
  readonly expires: Date
  readonly ends: Date
  readonly stale: boolean
}

const COLUMNS = 'id, subject, tenant, roles, about, began, expires, ends'
/** Sessions that are over, removed at each log-in: more than one makes. */
const SWEPT = 20

/** Sessions in the app's own PostgreSQL. Its table must be there (`makeAuthTables`). */
export function postgresSessions({ app, sql }: { readonly app: string; readonly sql: Sql }): SessionStore {
  const table = authTable(app, 'session')

  async function run<Result extends object>(text: string, values: readonly unknown[]): Promise<{ rows: Result[]; rowCount: number | null }> {
    try {
      return await sql.query<Result>(text, [...values])
    } catch (error) {
      throw sqlError(error)
    }
  }

  return {
    async begin(hash, { id, person: { subject, tenant, roles }, about }, { idleMs, lastingMs }) {
      await run(
        /* sql */ `
        with swept as (
          delete from ${table} where hash in (select hash from ${table} where expires <= clock_timestamp() limit ${SWEPT} for update skip locked)
        )
        insert into ${table} (hash, id, subject, tenant, roles, about, began, expires, ends)
        select $1, $2, $3, $4, $5, $6, now, now + least($7::float8, $8::float8) * interval '1 millisecond', now + $8::float8 * interval '1 millisecond'
        from clock_timestamp() as now`,
        [hash, id, subject, tenant, [...roles], JSON.stringify(about), idleMs, lastingMs],
      )
    },
    async find(hash, { idleMs }) {
      const { rows } = await run<Row>(
        `select ${COLUMNS}, least(ends, now + $2::float8 * interval '1 millisecond') - expires > $2::float8 / 20 * interval '1 millisecond' as stale
         from ${table}, clock_timestamp() as now where hash = $1 and expires > now`,
        [hash, idleMs],
      )
      const [row] = rows
      if (!row?.stale) return row && sessionOf(row)
      const { rows: renewed } = await run<Row>(
        `update ${table} set expires = least(ends, clock_timestamp() + $2::float8 * interval '1 millisecond')
         where hash = $1 and expires > clock_timestamp() returning ${COLUMNS}`,
        [hash, idleMs],
      )
      return renewed[0] && sessionOf(renewed[0])
    },
    async end(hash) {
      await run(`delete from ${table} where hash = $1`, [hash])
    },
    async endOf({ subject, tenant }, id) {
      return (await run(`delete from ${table} where subject = $1 and tenant = $2 and id = $3`, [subject, tenant, id])).rowCount === 1
    },
    async endAllOf({ subject, tenant }) {
      await run(`delete from ${table} where subject = $1 and tenant = $2`, [subject, tenant])
    },
    async list({ subject, tenant }) {
      const { rows } = await run<Row>(
        `select ${COLUMNS} from ${table} where subject = $1 and tenant = $2 and expires > clock_timestamp() order by began desc, id`,
        [subject, tenant],
      )
      return rows.map(sessionOf)
    },
    // the connections belong to whoever gave them
    async [Symbol.asyncDispose]() {},
  }
}

function sessionOf({ id, subject, tenant, roles, about, began, expires, ends }: Row): StoredSession {
  return { id, person: { subject, tenant, roles }, about, began, expires, ends }
}
