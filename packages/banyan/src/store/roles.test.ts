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

test('a service reads and writes the rows of its own schema without naming it', async () => {
  await orders.pool.query("insert into things (name) values ('nut')")
  await orders.pool.query("update things set name = 'bolt'")
  expect((await orders.pool.query('select shout(name) as name from things')).rows).toEqual([{ name: 'BOLT' }])
  expect((await orders.pool.query('delete from things')).rowCount).toBe(1)
  expect((await orders.pool.query('select current_user as role, current_schema as schema')).rows).toEqual([{ role: orders.schema, schema: orders.schema }])
})

test('a service cannot read, call or see into the schema of another', async () => {
  for (const statement of [`select * from ${catalog.schema}.things`, `select * from ${catalog.schema}.banyan_events`, `select ${catalog.schema}.shout('x')`]) {
    await expect(orders.pool.query(statement), statement).rejects.toMatchObject(denied)
  }
  await expect(orders.pool.query(`set role ${catalog.schema}`)).rejects.toMatchObject(denied)
})

test('a service cannot change structure, its own owner included', async () => {
  for (const statement of [
    'create table more (id int)',
    'alter table things add column more int',
    'drop table things',
    'truncate things',
    `create schema ${orders.schema}_more`,
    `set role ${orders.schema}_owner`,
  ]) {
    await expect(orders.pool.query(statement), statement).rejects.toMatchObject(denied)
  }
})

test('events are appended and read, never changed, also not through a partition', async () => {
  await orders.pool.query('insert into banyan_events values (1, now())')
  expect((await orders.pool.query('select id from banyan_events')).rows).toEqual([{ id: 1 }])
  for (const table of ['banyan_events', 'banyan_events_rest']) {
    for (const statement of [`update ${table} set id = 2`, `delete from ${table}`, `truncate ${table}`])
      await expect(orders.pool.query(statement), statement).rejects.toMatchObject(denied)
  }
})

test("the record of migrations is not the service's to write", async () => {
  expect((await orders.pool.query('select count(*)::int as count from banyan_migrations')).rows).toEqual([{ count: 2 }])
  await expect(orders.pool.query('delete from banyan_migrations')).rejects.toMatchObject(denied)
})
