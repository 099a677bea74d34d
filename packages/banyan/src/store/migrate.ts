import type pg from 'pg'
import { crashPoint } from '../kernel/crash-point.ts'
import { BanyanError, messageOf } from '../kernel/errors.ts'
import { keepEventsAppendOnly } from './append-only.ts'
import { appliedMigrations, checkUnchanged, labelOf, pendingMigrations, type AppliedRow, type PendingMigration } from './migration-state.ts'
import { checksum, type Migration, type MigrationSet } from './migration.ts'
import { literal, quoted, type ServiceNames } from './names.ts'
import { isConnectionFailure, sqlError, sqlState } from './sql-errors.ts'

export interface AppliedMigration {
  readonly set: string
  readonly id: number
  readonly name: string
}

/**
 * Brings a service's schema up to date and tells what it did. Each migration commits in a transaction of its own, with its record; any
 * number of processes may migrate at once, each migration runs once. Throws `migration_changed`, `migration_failed`; what was
 * committed before a failure stays.
 */
export async function migrate(pool: pg.Pool, names: ServiceNames, sets: readonly MigrationSet[]): Promise<readonly AppliedMigration[]> {
  const pending = pendingMigrations(names.schema, sets, await appliedMigrations(pool, names.schema))
  if (pending.length === 0) return []
  const client = await connected(pool)
  const done: AppliedMigration[] = []
  try {
    for (const next of pending) {
      if (await apply(client, names, next)) done.push({ set: next.set, id: next.migration.id, name: next.migration.name })
    }
    client.release()
    return done
  } catch (error) {
    // the transaction may still be open on it
    client.release(true)
    throw error
  }
}

/** Throws `migration_pending` or `migration_changed` unless the schema is what the code needs. */
export async function verifyMigrations(pool: pg.Pool, names: ServiceNames, sets: readonly MigrationSet[]): Promise<void> {
  const pending = pendingMigrations(names.schema, sets, await appliedMigrations(pool, names.schema))
  if (pending.length === 0) return
  const list = pending.map(({ set, migration }) => labelOf(set, migration))
  throw new BanyanError('migration_pending', `schema ${names.schema} lacks ${list.join(', ')}; run \`banyan migrate\``, {
    details: { schema: names.schema, pending: list },
  })
}

async function apply(client: pg.PoolClient, names: ServiceNames, next: PendingMigration): Promise<boolean> {
  if (await alreadyThere(client, names, next)) return false
  await run(client, names, next)
  if (client.getTransactionStatus() !== 'T') throw endedItself(next)
  crashPoint('migration.run')
  await statement(client, names, [keepEventsAppendOnly(names.role), recordOf(next), 'commit'])
  crashPoint('migration.committed')
  return true
}

/** Begins the transaction; `true` when another process was faster, and then the transaction is over. */
async function alreadyThere(client: pg.PoolClient, names: ServiceNames, next: PendingMigration): Promise<boolean> {
  const results = await statement(client, names, [
    'begin',
    `set local role ${quoted(names.owner)}`,
    `set local search_path = ${quoted(names.schema)}`,
    'set local client_min_messages = warning',
    // policies bind the owner too where they are forced: better told than rows silently left out
    'set local row_security = off',
    `select pg_advisory_xact_lock(hashtextextended(${literal(`banyan migrate ${names.schema}`)}, 0))`,
    `create table if not exists banyan_migrations (
      set text collate "C" not null, id integer not null, name text not null, checksum text not null,
      at timestamptz not null default clock_timestamp(), primary key (set, id))`,
    `revoke insert, update, delete, truncate on banyan_migrations from ${quoted(names.role)}`,
    `select set, id, name, checksum from banyan_migrations where set = ${literal(next.set)} and id = ${next.migration.id}`,
  ])
  const row = results.at(-1)!.rows[0] as AppliedRow | undefined
  if (!row) return false
  await statement(client, names, ['rollback'])
  checkUnchanged(names.schema, next, row)
  return true
}

async function run(client: pg.PoolClient, names: ServiceNames, { set, migration }: PendingMigration): Promise<void> {
  try {
    await client.query(migration.sql)
  } catch (error) {
    if (isConnectionFailure(error) || sqlState(error) === '53100') throw sqlError(error)
    const line = lineOf(migration, error)
    const place = `${migration.file ?? labelOf(set, migration)}${line === undefined ? '' : `:${line}`}`
    throw new BanyanError(
      'migration_failed',
      `migration ${labelOf(set, migration)} of schema ${names.schema} failed at ${place} and was rolled back: ${messageOf(error)}${hintOf(error)}`,
      {
        cause: error,
        details: {
          schema: names.schema,
          set,
          id: migration.id,
          ...(migration.file === undefined ? {} : { file: migration.file }),
          ...(line === undefined ? {} : { line }),
        },
      },
    )
  }
}

function lineOf(migration: Migration, error: unknown): number | undefined {
  const position = Number((error as { position?: string }).position)
  // PostgreSQL counts characters, not UTF-16 units
  return position > 0 ? [...migration.sql].slice(0, position - 1).filter((character) => character === '\n').length + 1 : undefined
}

function hintOf(error: unknown): string {
  const { detail, hint } = error as { detail?: string; hint?: string }
  return [detail, hint]
    .filter((text) => text !== undefined)
    .map((text) => `; ${text}`)
    .join('')
}

function endedItself({ set, migration }: PendingMigration): BanyanError {
  return new BanyanError(
    'migration_failed',
    `migration ${labelOf(set, migration)} ends its transaction by itself, so its effects may stay without a record; remove COMMIT and ROLLBACK from it and check the schema by hand`,
  )
}

function recordOf({ set, migration }: PendingMigration): string {
  const values = [literal(set), migration.id, literal(migration.name), literal(checksum(migration))]
  return `insert into banyan_migrations (set, id, name, checksum) values (${values.join(', ')})`
}

/** Several statements in one round trip. */
async function statement(client: pg.PoolClient, names: ServiceNames, statements: readonly string[]): Promise<readonly pg.QueryResult[]> {
  try {
    return [await client.query(statements.join(';\n'))].flat()
  } catch (error) {
    const mapped = sqlError(error)
    throw BanyanError.is(mapped)
      ? mapped
      : new BanyanError('migration_failed', `schema ${names.schema} cannot be migrated: ${messageOf(error)}${hintOf(error)}`, { cause: error })
  }
}

async function connected(pool: pg.Pool): Promise<pg.PoolClient> {
  try {
    return await pool.connect()
  } catch (error) {
    throw sqlError(error)
  }
}
