import { BanyanError, messageOf } from '../../kernel/errors.ts'
import { literal, quoted } from '../../store/names.ts'
import { sqlError, sqlState } from '../../store/sql-errors.ts'
import type { Sql } from '../../store/sql.ts'
import type { Instance } from './registry.ts'

/** The schema of an app's registry. A service's name begins with a letter, so none of the app's services can have this one. */
export function registrySchema(app: string): string {
  return `${app}__registry`
}

const tableOf = (app: string): string => `${quoted(registrySchema(app))}.instance`

/** Whether any process has announced itself, ever. */
export async function hasRegistryTable(sql: Sql, app: string): Promise<boolean> {
  const { rows } = await sql.query<{ there: boolean }>('select to_regclass($1) is not null as "there"', [tableOf(app)])
  return rows[0]?.there === true
}

/** Makes the table where it is missing; any number of processes may do it at once. Throws `database_roles` where this user may not. */
export async function makeRegistryTable(sql: Sql, app: string): Promise<void> {
  if (await hasRegistryTable(sql, app)) return
  try {
    // one message is one transaction; the lock ends with it
    await sql.query(`
      select pg_advisory_xact_lock(hashtextextended(${literal(`banyan registry ${app}`)}, 0));
      create schema if not exists ${quoted(registrySchema(app))};
      create table if not exists ${tableOf(app)} (
        id text primary key,
        unit text not null,
        detail jsonb not null,
        load real,
        ends timestamptz not null
      );`)
  } catch (error) {
    if (sqlState(error) !== '42501') throw sqlError(error)
    const message = `the registry's schema ${registrySchema(app)} is missing and this user may not create it (${messageOf(error)}); have a DBA create it, owned by the user of DATABASE_URL`
    throw new BanyanError('database_roles', message, { cause: error })
  }
}

/** Announces the instance or renews its lease, and sweeps out what ended more than a minute ago. */
export async function renewInstance(sql: Sql, app: string, { id, unit, url, zone, weight, load }: Instance, leaseMs: number): Promise<void> {
  const table = tableOf(app)
  await sql.query(
    /* sql */ `
    with swept as (
      delete from ${table} where id in (
        select id from ${table} where ends < clock_timestamp() - interval '1 minute' and id <> $1 for update skip locked
      )
    )
    insert into ${table} as mine (id, unit, detail, load, ends)
    values ($1, $2, $3, $4, clock_timestamp() + $5 * interval '1 millisecond')
    on conflict (id) do update set unit = excluded.unit, detail = excluded.detail, load = excluded.load, ends = excluded.ends`,
    [id, unit, JSON.stringify({ url, zone, weight }), load ?? null, leaseMs],
  )
}

export async function removeInstance(sql: Sql, app: string, id: string): Promise<void> {
  await sql.query(`delete from ${tableOf(app)} where id = $1`, [id])
}

export interface Found {
  readonly tag: string
  /** Absent where the tag is still the one that was given. */
  readonly instances?: readonly Instance[]
}

interface Row {
  readonly tag: string
  readonly id: string | null
  readonly unit: string
  readonly detail: Pick<Instance, 'url' | 'zone' | 'weight'>
  readonly load: number | null
}

/**
 * The living instances of the units, unless they are those of `tag`. The tag is made of the rows that live now: a counter would not
 * notice that a lease has ended, since nobody writes then, and could be read past a change that commits late.
 */
export async function readInstances(sql: Sql, app: string, units: readonly string[], tag: string): Promise<Found> {
  const { rows } = await sql.query<Row>(
    /* sql */ `
    with living as (
      select id, unit, detail, load from ${tableOf(app)} where unit = any ($1::text[]) and ends > clock_timestamp()
    ), seen as (
      select md5(coalesce(string_agg(concat_ws(' ', id, unit, detail, load), e'\\n' order by id), '')) as tag from living
    )
    select seen.tag, living.* from seen left join living on seen.tag <> $2`,
    [units, tag],
  )
  const found = rows[0]!.tag
  if (found === tag) return { tag }
  const instances = rows.flatMap(({ id, unit, detail, load }) => (id === null ? [] : [{ id, unit, ...detail, ...(load === null ? {} : { load }) }]))
  return { tag: found, instances }
}
