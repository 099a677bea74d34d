import { BanyanError, messageOf } from '../kernel/errors.ts'
import { quoted } from './names.ts'
import { checksum, type Migration, type MigrationSet } from './migration.ts'
import { sqlError, sqlState } from './sql-errors.ts'
import type { Sql } from './sql.ts'

export interface AppliedRow {
  readonly set: string
  readonly id: number
  readonly name: string
  readonly checksum: string
}

export interface PendingMigration {
  readonly set: string
  readonly migration: Migration
}

export async function appliedMigrations(sql: Sql, schema: string): Promise<readonly AppliedRow[]> {
  const table = `${quoted(schema)}.banyan_migrations`
  try {
    const { rows } = await sql.query<{ there: boolean }>('select to_regclass($1) is not null as there', [table])
    return rows[0]!.there ? (await sql.query<AppliedRow>(`select set, id, name, checksum from ${table}`)).rows : []
  } catch (error) {
    if (sqlState(error) !== '42501') throw sqlError(error)
    throw new BanyanError(
      'database_roles',
      `the migrations of schema ${schema} cannot be read (${messageOf(error)}); have a DBA run what \`banyan db plan\` prints`,
      { cause: error },
    )
  }
}

/** What the code has and the database has not, in order. Throws `migration_changed` where the two contradict each other. */
export function pendingMigrations(schema: string, sets: readonly MigrationSet[], applied: readonly AppliedRow[]): readonly PendingMigration[] {
  return sets.flatMap((set) => {
    const rows = new Map(applied.filter((row) => row.set === set.name).map((row) => [row.id, row]))
    for (const migration of set.migrations) checkUnchanged(schema, { set: set.name, migration }, rows.get(migration.id))
    const ahead = [...rows.keys()].filter((id) => id > set.migrations.length)
    if (ahead.length > (set.ahead ?? 0)) throw newer(schema, set, ahead)
    return set.migrations.filter((migration) => !rows.has(migration.id)).map((migration) => ({ set: set.name, migration }))
  })
}

/** `orders 0002_totals` */
export function labelOf(set: string, { id, name }: Migration): string {
  return `${set} ${String(id).padStart(4, '0')}_${name}`
}

/** Throws `migration_changed` when `row` records something else than the migration of its number. */
export function checkUnchanged(schema: string, { set, migration }: PendingMigration, row: AppliedRow | undefined): void {
  if (!row || row.checksum === checksum(migration)) return
  const file = migration.file === undefined ? '' : ` (${migration.file})`
  // no file: it comes with the framework, and nobody but us could restore it
  const remedy =
    migration.file === undefined
      ? 'the database was made by another version of Banyan; run that version, or in development delete the `.banyan` folder, and all data with it'
      : 'restore it and put the change into a new migration'
  throw new BanyanError(
    'migration_changed',
    `migration ${labelOf(set, migration)}${file} is not what was applied to schema ${schema} as '${row.name}'; ${remedy}`,
    { details: { schema, set, id: migration.id } },
  )
}

function newer(schema: string, set: MigrationSet, ahead: readonly number[]): BanyanError {
  const last = set.migrations.length
  return new BanyanError(
    'migration_changed',
    `schema ${schema} is newer than this code: it has ${set.name} migration ${Math.max(...ahead)}, the code knows ${last === 0 ? 'none' : `up to ${last}`}; run the release that migrated it, or a later one`,
    { details: { schema, set: set.name, ahead } },
  )
}
