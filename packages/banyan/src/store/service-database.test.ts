import { afterAll, beforeAll, expect, test } from 'vitest'
import { isConnectionFailure } from './sql-errors.ts'
import { testDatabase, type TestDatabase } from '../testing/database.ts'

interface Tables {
  things: { id: number; name: string }
}

let db: TestDatabase
beforeAll(async () => {
  db = await testDatabase({
    migrations: [{ name: 'own', migrations: [{ id: 1, name: 'things', sql: 'create table things (id int primary key, name text not null)' }] }],
  })
})
afterAll(() => db[Symbol.asyncDispose]())

const kill = (pid: number) => db.server.admin.query('select pg_terminate_backend($1)', [pid])
const pidQuery = 'select pg_backend_pid() as pid'

test('nothing is opened before it is needed', async () => {
  await using fresh = await testDatabase()
  expect(fresh.database.pool.totalCount).toBe(0)
})

test('a connection tells whose it is', async () => {
  const { rows } = await db.database.pool.query<{ name: string }>("select current_setting('application_name') as name")
  expect(rows).toEqual([{ name: `${db.server.app}/test` }])
})

test("Kysely joins a transaction of the caller's and takes tables from the schema", async () => {
  const client = await db.database.pool.connect()
  await client.query('begin')
  await client.query('set local search_path = pg_catalog')
  const tx = db.database.kysely<Tables>(client)
  const inserted = await tx.insertInto('things').values({ id: 1, name: 'nut' }).executeTakeFirstOrThrow()
  expect(inserted.numInsertedOrUpdatedRows).toBe(1n)
  expect((await tx.updateTable('things').set({ name: 'bolt' }).executeTakeFirstOrThrow()).numUpdatedRows).toBe(1n)
  expect(await tx.selectFrom('things').selectAll().execute()).toEqual([{ id: 1, name: 'bolt' }])
  await expect(tx.transaction().execute(async () => {})).rejects.toMatchObject({ code: 'invalid_transaction' })
  await client.query('rollback')
  client.release()
  expect(await db.database.kysely<Tables>(db.database.pool).selectFrom('things').selectAll().execute()).toEqual([])
})

test('losing connections, idle or in use, ends no process, and new ones are opened', async () => {
  const { pool } = db.database
  const idle = (await pool.query<{ pid: number }>(pidQuery)).rows[0]!.pid
  const held = await pool.connect()
  const used = (await held.query<{ pid: number }>(pidQuery)).rows[0]!.pid
  await kill(used)
  await expect(held.query('select pg_sleep(5)')).rejects.toSatisfy(isConnectionFailure)
  held.release(true)
  await kill(idle)
  await expect.poll(async () => (await pool.query<{ one: number }>('select 1 as one').catch(() => undefined))?.rows).toEqual([{ one: 1 }])
})

test('a dedicated client tells its end and can be had again', async () => {
  const client = await db.database.connect()
  const ended = new Promise((resolve) => client.once('end', resolve))
  const pid = (await client.query<{ pid: number }>(pidQuery)).rows[0]!.pid
  await kill(pid)
  await ended
  const next = await db.database.connect()
  expect((await next.query('select 1 as one')).rows).toEqual([{ one: 1 }])
})

test('pools do not exceed the budget of the process together', () => {
  expect(() => db.server.open('other', { connections: 1 })).toThrow(/service 'other' asks for 1 connections where 0 of this process's 5 are left/)
})

test('disposing does not wait for ever for a connection that nobody gives back', async () => {
  const other = await testDatabase()
  const forgotten = await other.database.pool.connect()
  await other[Symbol.asyncDispose]()
  await expect(forgotten.query('select 1')).rejects.toSatisfy(isConnectionFailure)
})

test('disposing closes pool and dedicated clients', async () => {
  const other = await testDatabase()
  const client = await other.database.connect()
  await other.database.pool.query('select 1')
  const ended = new Promise((resolve) => client.once('end', resolve))
  await other.database[Symbol.asyncDispose]()
  await ended
  expect(other.database.pool.ended).toBe(true)
  expect(other.server.open('next', { connections: 5 }).service).toBe('next')
  await other[Symbol.asyncDispose]()
})
