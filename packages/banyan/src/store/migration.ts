import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BanyanError, messageOf } from '../kernel/errors.ts'

export interface Migration {
  /** 1 for the first of its set, then without gaps. */
  readonly id: number
  readonly name: string
  readonly sql: string
  /** Where the SQL stands, for messages. */
  readonly file?: string
}

/** Migrations that are numbered together; a service has the framework's and its own. */
export interface MigrationSet {
  readonly name: string
  readonly migrations: readonly Migration[]
  /** How many migrations the database may be ahead of this code, as it is while a newer release is rolled out; 0 unless said. */
  readonly ahead?: number
}

/**
 * The migrations of a directory of `NNNN_name.sql` files, in order; other files are left alone. Throws `invalid_configuration` that
 * names every gap, duplicate and bad name.
 */
export async function readMigrations(directory: string, name: string): Promise<MigrationSet> {
  const files = (await listing(directory)).filter((file) => file.endsWith('.sql')).sort()
  const parsed = files.map((file) => ({ file, match: /^(\d{4})_([a-z0-9][a-z0-9_-]*)\.sql$/.exec(file) }))
  const mistakes = parsed.filter(({ match }) => !match).map(({ file }) => `${file} is not named NNNN_name.sql (as in 0001_orders.sql)`)
  const numbered = parsed.flatMap(({ file, match }) => (match ? [{ file, id: Number(match[1]), name: match[2]! }] : []))
  let expected = 1
  for (const { file, id } of numbered) {
    if (id === expected - 1 && id > 0) mistakes.push(`${file} repeats number ${id}`)
    else if (id !== expected) mistakes.push(`${file} has number ${id} where ${expected} was due`)
    expected = id + 1
  }
  if (mistakes.length > 0)
    throw new BanyanError('invalid_configuration', `the migrations in ${directory} cannot be used: ${mistakes.join('; ')}`, { details: { mistakes } })
  const migrations = await Promise.all(
    numbered.map(async ({ file, id, name }) => ({ id, name, sql: await readFile(join(directory, file), 'utf8'), file: join(directory, file) })),
  )
  return { name, migrations }
}

/** What tells that a migration is the one that was applied; line ends do not count, since checkouts change them. */
export function checksum(migration: Migration): string {
  return createHash('sha256').update(migration.sql.replaceAll('\r\n', '\n')).digest('hex')
}

async function listing(directory: string): Promise<string[]> {
  try {
    return await readdir(directory)
  } catch (error) {
    throw new BanyanError(
      'invalid_configuration',
      `the migrations directory ${directory} cannot be read (${messageOf(error)}); create it or correct \`migrations\``,
      { cause: error },
    )
  }
}
