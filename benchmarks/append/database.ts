import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { openServer } from '../../packages/banyan/src/store/server.ts'

/** An empty database, dropped when disposed of. */
export interface BenchDatabase extends AsyncDisposable {
  readonly url: string
  /** What it runs on, for the report. */
  readonly server: string
  /** Whether commits can be made slower. */
  readonly superuser: boolean
}

/** On the server of DATABASE_URL, else on the one at 127.0.0.1:5432 if it answers, else on an embedded one. */
export async function benchDatabase(): Promise<BenchDatabase> {
  const given = process.env['DATABASE_URL']
  if (given !== undefined) return onServer(given, async () => {})
  const local = 'postgres://postgres@127.0.0.1:5432/postgres'
  if (await answers(local)) return onServer(local, async () => {})
  const dataDirectory = await mkdtemp(join(tmpdir(), 'banyan-bench-'))
  const embedded = await openServer({ app: 'bench', dataDirectory, connections: 90 })
  return onServer(embedded.url, async () => {
    await embedded[Symbol.asyncDispose]()
    await rm(dataDirectory, { recursive: true })
  })
}

async function onServer(server: string, close: () => Promise<void>): Promise<BenchDatabase> {
  const admin = new pg.Client({ connectionString: server })
  await admin.connect()
  const name = `banyan_bench_${randomBytes(4).toString('hex')}`
  await admin.query(`create database ${name}`)
  const { rows } = await admin.query<{ version: string; superuser: boolean }>(
    `select current_setting('server_version') || ', fsync ' || current_setting('fsync') || ', synchronous_commit ' || current_setting('synchronous_commit') as version,
       rolsuper as superuser from pg_roles where rolname = current_user`,
  )
  const url = new URL(server)
  url.pathname = `/${name}`
  return {
    url: url.href,
    server: `PostgreSQL ${rows[0]!.version}`,
    superuser: rows[0]!.superuser,
    async [Symbol.asyncDispose]() {
      await admin.query(`drop database ${name} with (force)`)
      await admin.end()
      await close()
    },
  }
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1_000 })
  try {
    await client.connect()
    return true
  } catch {
    return false
  } finally {
    await client.end().catch(() => {})
  }
}
