import { createHash, randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MigrationSet } from '../store/migration.ts'
import { literal, quoted } from '../store/names.ts'
import { openServer, type DatabaseServer, type ServerOptions } from '../store/server.ts'
import type { ServiceDatabase } from '../store/service-database.ts'

/** Environment variable with the directory of the embedded server that a test run shares. */
export const TEST_DATA = 'BANYAN_TEST_DATA'

/**
 * A server for tests under an app name of its own, so that tests share the server and nothing else: the one at TEST_DATABASE_URL, else an
 * embedded one that all processes of the test run share. Disposing drops every schema and role of the app name.
 */
export async function testServer(options: Partial<Omit<ServerOptions, 'app' | 'url'>> = {}): Promise<DatabaseServer> {
  const app = `t${randomBytes(6).toString('hex')}`
  const server = await openServer({
    dataDirectory: sharedDirectory(),
    embedded: { linger: true, stopAfter: 30_000 },
    ...options,
    app,
    url: process.env['TEST_DATABASE_URL'],
  })
  const close = async (): Promise<void> => {
    try {
      await drop(server)
    } finally {
      await server[Symbol.asyncDispose]()
    }
  }
  return { ...server, [Symbol.asyncDispose]: close }
}

export interface TestDatabase extends AsyncDisposable {
  readonly server: DatabaseServer
  readonly database: ServiceDatabase
}

/** The migrated database of one service on a `testServer`, dropped when disposed. */
export async function testDatabase(
  options: { readonly service?: string; readonly migrations?: readonly MigrationSet[]; readonly connections?: number } = {},
): Promise<TestDatabase> {
  const { service = 'test', migrations = [], connections = 5 } = options
  const server = await testServer({ connections })
  try {
    await server.provision([service])
    await server.migrate(service, migrations)
    return { server, database: server.open(service, { connections }), [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
  } catch (error) {
    await server[Symbol.asyncDispose]()
    throw error
  }
}

function sharedDirectory(): string {
  // not shared with other installations: a server does not outlive the programs that it was started from
  const installation = createHash('sha256')
    .update(import.meta.dirname)
    .digest('hex')
    .slice(0, 12)
  const directory = process.env[TEST_DATA] ?? join(tmpdir(), `banyan-test-${process.getuid?.() ?? 'user'}-${installation}`)
  mkdirSync(directory, { recursive: true })
  // where root runs the tests, the server's own user has to pass through
  chmodSync(directory, 0o755)
  return directory
}

async function drop({ admin, app }: DatabaseServer): Promise<void> {
  const pattern = literal(`${app.replaceAll('_', '\\_')}\\_%`)
  await admin.query(`select pg_terminate_backend(pid) from pg_stat_activity where usename like ${pattern}`)
  const { rows: schemas } = await admin.query<{ name: string }>(`select nspname as name from pg_namespace where nspname like ${pattern}`)
  const { rows: roles } = await admin.query<{ name: string }>(`select rolname as name from pg_roles where rolname like ${pattern}`)
  const names = roles.map(({ name }) => quoted(name)).join(', ')
  const statements = schemas.map(({ name }) => `drop schema ${quoted(name)} cascade`)
  if (roles.length > 0) statements.push(`drop owned by ${names}`, `drop role ${names}`)
  if (statements.length > 0) await admin.query(statements.join('; '))
}
