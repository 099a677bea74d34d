import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { expect, onTestFinished, test, vi } from 'vitest'
import { testServer } from '../testing/database.ts'
import { loginOf } from './address.ts'
import { accounts, isRoot } from './embedded/account.ts'
import { freePort } from './embedded/free-port.ts'
import { openServer, type DatabaseServer } from './server.ts'
import type { ServiceDatabase } from './service-database.ts'

interface Tables {
  things: { id: number; name: string }
}

const services = ['orders', 'catalog']
const sets = [{ name: 'own', migrations: [{ id: 1, name: 'things', sql: 'create table things (id int primary key, name text not null)' }] }]

test('everything works through PgBouncer in transaction mode', async ({ skip }) => {
  if (spawnSync('pgbouncer', ['--version']).error) skip('no pgbouncer program on this machine')
  const direct = await testServer()
  onTestFinished(() => direct[Symbol.asyncDispose]())
  if (loginOf(direct.url).password !== undefined) skip('the test server wants passwords, which this PgBouncer is not told')
  const url = await startPgBouncer(direct)
  const server = await vi.waitFor(() => openServer({ app: direct.app, url, dataDirectory: '/nowhere' }), { timeout: 60_000 })
  onTestFinished(() => server[Symbol.asyncDispose]())
  await server.provision(services)
  for (const service of services) {
    await server.migrate(service, sets)
    await server.verify(service, sets)
  }
  const databases = services.map((service) => server.open(service, { connections: 8 }))
  // far more clients at once than the two connections per role that PgBouncer keeps
  await Promise.all(databases.flatMap((database, which) => Array.from({ length: 24 }, (_, nth) => use(database, nth, `${services[which]} ${nth}`))))
  for (const [which, database] of databases.entries()) {
    const things = await database.reader<Tables>().selectFrom('things').selectAll().orderBy('id').execute()
    expect(things).toEqual(Array.from({ length: 24 }, (_, id) => ({ id, name: `${services[which]} ${id}` })))
    const tenants = Array.from({ length: 24 }, (_, nth) => `tenant ${nth}`)
    const told = await Promise.all(
      tenants.map((tenant) => sql<{ tenant: string }>`select current_setting('banyan.tenant') as tenant`.execute(database.reader(tenant))),
    )
    expect(told.map(({ rows }) => rows)).toEqual(tenants.map((tenant) => [{ tenant }]))
    const { rows: left } = await database.pool.query<{ tenant: string }>("select coalesce(current_setting('banyan.tenant', true), '') as tenant")
    expect(left).toEqual([{ tenant: '' }])
    await expect(sql`delete from things`.execute(database.reader())).rejects.toMatchObject({ code: 'read_only' })
  }
})

async function use(database: ServiceDatabase, id: number, name: string): Promise<void> {
  const client = await database.pool.connect()
  try {
    await client.query('begin')
    await database.kysely<Tables>(client).insertInto('things').values({ id, name: 'not yet' }).execute()
    await client.query('update things set name = $2 where id = $1', [id, name])
    await client.query('commit')
  } finally {
    client.release()
  }
  const { rows } = await database.pool.query<{ schema: string; name: string }>('select current_schema as schema, name from things where id = $1', [id])
  expect(rows).toEqual([{ schema: database.schema, name }])
}

async function startPgBouncer({ url, app }: DatabaseServer): Promise<string> {
  const { host, port: serverPort, user, database } = loginOf(url)
  const directory = mkdtempSync(join(tmpdir(), 'banyan-pgbouncer-'))
  chmodSync(directory, 0o755)
  const port = await freePort()
  const users = [user, ...services.map((service) => `${app}_${service}`)]
  writeFileSync(join(directory, 'users.txt'), users.map((name) => `"${name}" ""\n`).join(''))
  const settings = {
    listen_addr: '127.0.0.1',
    listen_port: port,
    auth_type: 'trust',
    auth_file: join(directory, 'users.txt'),
    pool_mode: 'transaction',
    default_pool_size: 2,
    unix_socket_dir: '',
  }
  const text = Object.entries(settings).map(([name, value]) => `${name} = ${value}\n`)
  writeFileSync(join(directory, 'pgbouncer.ini'), `[databases]\n${database} = host=${host} port=${serverPort}\n[pgbouncer]\n${text.join('')}`)
  // like PostgreSQL it refuses root; the server's socket opens to the server's own user
  const asUser = isRoot() ? ['-u', accounts()[0]!.name] : []
  const bouncer = spawn('pgbouncer', [...asUser, join(directory, 'pgbouncer.ini')], { stdio: 'ignore' })
  const exit = once(bouncer, 'exit')
  onTestFinished(async () => {
    bouncer.kill('SIGKILL')
    await exit
    rmSync(directory, { recursive: true })
  })
  return `postgresql://${user}@127.0.0.1:${port}/${database}`
}
