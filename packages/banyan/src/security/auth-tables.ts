import { BanyanError, messageOf } from '../kernel/errors.ts'
import { literal, quoted } from '../store/names.ts'
import { sqlError, sqlState } from '../store/sql-errors.ts'
import type { Sql } from '../store/sql.ts'

/** The schema of an app's keys and sessions. A service's name begins with a letter, so none of the app's services can have this one. */
export function authSchema(app: string): string {
  return `${app}__auth`
}

/** A table of that schema, as SQL text. */
export function authTable(app: string, name: 'api_key' | 'session'): string {
  return `${quoted(authSchema(app))}.${name}`
}

/** Makes the tables where they are missing; any number of processes may do it at once. Throws `database_roles` where this user may not. */
export async function makeAuthTables(sql: Sql, app: string): Promise<void> {
  try {
    if (await hasAuthTables(sql, app)) return
    // one message is one transaction; the lock ends with it
    await sql.query(`
      select pg_advisory_xact_lock(hashtextextended(${literal(`banyan auth ${app}`)}, 0));
      create schema if not exists ${quoted(authSchema(app))};
      create table if not exists ${authTable(app, 'api_key')} (
        id text primary key,
        name text not null,
        tenant text not null,
        scopes text[] not null,
        roles text[] not null default '{}',
        -- SHA-256; who reads this table cannot use the keys
        hash bytea not null,
        -- the one before, until when it is good
        previous bytea,
        previous_ends timestamptz,
        made timestamptz not null,
        ends timestamptz,
        revoked timestamptz,
        -- to the minute
        used timestamptz
      );
      -- a table from before keys had roles
      alter table ${authTable(app, 'api_key')} add column if not exists roles text[] not null default '{}';
      create table if not exists ${authTable(app, 'session')} (
        -- SHA-256; who reads this table has nobody's session
        hash bytea primary key,
        -- by which its owner names it
        id text not null unique,
        subject text not null,
        tenant text not null,
        roles text[] not null,
        about jsonb not null,
        began timestamptz not null,
        -- when it ends unless it is used before
        expires timestamptz not null,
        -- when it ends in any case
        ends timestamptz not null
      );
      create index if not exists session_of_subject on ${authTable(app, 'session')} (subject, tenant);
      create index if not exists session_by_expiry on ${authTable(app, 'session')} (expires);`)
  } catch (error) {
    if (sqlState(error) !== '42501') throw sqlError(error)
    const message = `the schema ${authSchema(app)} of keys and sessions is missing and this user may not create it (${messageOf(error)}); have a DBA create it, owned by the user of DATABASE_URL`
    throw new BanyanError('database_roles', message, { cause: error })
  }
}

async function hasAuthTables(sql: Sql, app: string): Promise<boolean> {
  const { rows } = await sql.query<{ there: boolean }>(
    /* sql */ `
    select to_regclass($2) is not null
      and exists (select from pg_attribute where attrelid = to_regclass($1) and attname = 'roles' and not attisdropped) as "there"`,
    [authTable(app, 'api_key'), authTable(app, 'session')],
  )
  return rows[0]?.there === true
}
