import { afterAll, beforeAll, expect, test } from 'vitest'
import { testServer } from '../testing/database.ts'
import type { MigrationSet } from './migration.ts'
import type { DatabaseServer } from './server.ts'
import type { ServiceDatabase } from './service-database.ts'

const sets: readonly MigrationSet[] = [
  {
    name: 'banyan',
    migrations: [
      {
        id: 1,
        name: 'log',
        sql: 'create table banyan_events (id int, at timestamptz) partition by range (at); create table banyan_events_rest partition of banyan_events default',
      },
    ],
  },
  {
    name: 'own',
    migrations: [
      {
        id: 1,
        name: 'things',
        sql: 'create table things (id int generated always as identity, name text); create function shout(text) returns text language sql return upper($1)',
      },
    ],
  },
]

let server: DatabaseServer
let orders: ServiceDatabase
let catalog: ServiceDatabase
beforeAll(async () => {
  server = await testServer()
  await server.provision(['orders', 'catalog'])
  for (const service of ['orders', 'catalog']) await server.migrate(service, sets)
  orders = server.open('orders', { connections: 2 })
  catalog = server.open('catalog', { connections: 2 })
})
afterAll(() => server[Symbol.asyncDispose]())

const denied = { code: '42501' }

/** What the service may do of these. */
async function allowed(database: ServiceDatabase, statements: readonly string[]): Promise<string[]> {
  const outcomes = await Promise.all(
    statements.map((statement) =>
      database.pool.query(statement).then(
        () => [statement],
        (error: { code?: string; message: string }) => (error.code === '42501' ? [] : [`${statement}: ${error.message}`]),
      ),
    ),
  )
  return outcomes.flat()
}

test('a service reads and writes the rows of its own schema without naming it', async () => {
  await orders.pool.query("insert into things (name) values ('nut')")
  await orders.pool.query("update things set name = 'bolt'")
  expect((await orders.pool.query('select shout(name) as name from things')).rows).toEqual([{ name: 'BOLT' }])
  expect((await orders.pool.query('delete from things')).rowCount).toBe(1)
  expect((await orders.pool.query('select current_user as role, current_schema as schema')).rows).toEqual([{ role: orders.schema, schema: orders.schema }])
})

test('a service cannot read, call or see into the schema of another', async () => {
  const { schema } = catalog
  const statements = [`select * from ${schema}.things`, `select * from ${schema}.banyan_events`, `select ${schema}.shout('x')`, `set role ${schema}`]
  expect(await allowed(orders, statements)).toEqual([])
})

test('a service cannot change structure, its own owner included', async () => {
  const statements = ['create table more (id int)', 'alter table things add column more int', 'drop table things', 'truncate things']
  expect(await allowed(orders, [...statements, `create schema ${orders.schema}_more`, `set role ${orders.schema}_owner`])).toEqual([])
})

test('events are appended and read, never changed, also not through a partition', async () => {
  await orders.pool.query('insert into banyan_events values (1, now())')
  expect((await orders.pool.query('select id from banyan_events')).rows).toEqual([{ id: 1 }])
  const statements = ['banyan_events', 'banyan_events_rest'].flatMap((table) => [`update ${table} set id = 2`, `delete from ${table}`, `truncate ${table}`])
  expect(await allowed(orders, statements)).toEqual([])
})

test("the record of migrations is not the service's to write", async () => {
  expect((await orders.pool.query('select count(*)::int as count from banyan_migrations')).rows).toEqual([{ count: 2 }])
  await expect(orders.pool.query('delete from banyan_migrations')).rejects.toMatchObject(denied)
})
