import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { BanyanError } from '../kernel/errors.ts'
import { testDatabase, type TestDatabase } from '../testing/database.ts'
import { freePort } from './embedded/free-port.ts'
import { isConnectionFailure, sqlError } from './sql-errors.ts'

let db: TestDatabase
beforeAll(async () => {
  db = await testDatabase()
})
afterAll(() => db[Symbol.asyncDispose]())

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  )
}

/** What PostgreSQL says when a statement fails with this SQLSTATE. */
async function raised(state: string): Promise<unknown> {
  return failure(db.database.pool.query(`do $$ begin raise exception 'as asked' using errcode = '${state}'; end $$`))
}

test.each([
  ['40001', 'transaction_conflict', 'no', true],
  ['40P01', 'transaction_conflict', 'no', true],
  ['53100', 'database_full', 'no', true],
  ['53300', 'overloaded', 'no', true],
  ['25006', 'database_unreachable', 'no', true],
  ['57P03', 'database_unreachable', 'no', true],
  ['57P01', 'database_unreachable', 'maybe', true],
  ['08006', 'database_unreachable', 'maybe', true],
])('SQLSTATE %s is %s', async (state, code, executed, retryable) => {
  expect(sqlError(await raised(state))).toMatchObject({ code, executed, retryable, details: { sqlstate: state } })
})

test('a constraint violation stays what it is', async () => {
  const error = await raised('23505')
  expect(sqlError(error)).toBe(error)
  expect(isConnectionFailure(error)).toBe(false)
})

test('a row whose month was made while it was on its way is a conflict, like a deadlock', () => {
  const lost = Object.assign(new Error('new row for relation "banyan_keys_rest" violates partition constraint'), { code: '23514', table: 'banyan_keys_rest' })
  const own = Object.assign(new Error('new row for relation "cup" violates check constraint'), { code: '23514', table: 'cup' })
  expect(sqlError(lost)).toMatchObject({ code: 'transaction_conflict', executed: 'no', retryable: true })
  expect(sqlError(own)).toBe(own)
})

test('nobody listening is unreachable, and nothing was executed', async () => {
  const refused = await failure(new pg.Client({ host: '127.0.0.1', port: await freePort(), user: 'x', database: 'x', ssl: false }).connect())
  const missing = await failure(new pg.Client({ host: '/nowhere', port: 5432, user: 'x', database: 'x', ssl: false }).connect())
  for (const error of [refused, missing]) {
    expect(isConnectionFailure(error)).toBe(true)
    expect(sqlError(error, 'x@there')).toMatchObject({ code: 'database_unreachable', executed: 'no', message: expect.stringContaining('(x@there)') as string })
  }
})

test('a connection lost during a statement leaves the outcome open', async () => {
  const client = await db.database.connect()
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  const lost = failure(client.query('select pg_sleep(60)'))
  await db.server.admin.query('select pg_terminate_backend($1)', [rows[0]!.pid])
  const error = await lost
  expect(isConnectionFailure(error)).toBe(true)
  expect(isConnectionFailure(sqlError(error))).toBe(true)
  expect(sqlError(error)).toMatchObject({ code: 'database_unreachable', executed: 'maybe' })
  const after = await failure(client.query('select 1'))
  expect(isConnectionFailure(after)).toBe(true)
})

test('a full disk of this machine is database_full', () => {
  expect(sqlError(Object.assign(new Error('write'), { code: 'ENOSPC' }))).toMatchObject({ code: 'database_full' })
})

test('a file that is missing elsewhere is no connection failure', () => {
  expect(isConnectionFailure(Object.assign(new Error('open'), { code: 'ENOENT', syscall: 'open' }))).toBe(false)
})

test('an error of the framework passes through', () => {
  const error = new BanyanError('lease_lost', 'gone')
  expect(sqlError(error)).toBe(error)
})

test('a pool without a free connection is overloaded', async () => {
  const { pool } = db.database
  const held = await Promise.all(Array.from({ length: pool.options.max }, () => pool.connect()))
  pool.options.connectionTimeoutMillis = 1
  expect(sqlError(await failure(pool.query('select 1')))).toMatchObject({ code: 'overloaded', executed: 'no' })
  for (const client of held) client.release()
})
