import { afterAll, beforeAll, expect, test } from 'vitest'
import { killWhileHandling, loginOf } from '../../test/events/crash.ts'
import { logDatabase } from '../../test/events/log-database.ts'
import type { SenderOptions } from '../../test/events/sender-process.ts'
import { uuidv7 } from '../kernel/id.ts'
import type { TestDatabase } from '../testing/database.ts'
import { dispatcher } from './dispatcher.ts'
import { countWork } from './work.ts'

let db: TestDatabase

beforeAll(async () => {
  db = await logDatabase()
})
afterAll(() => db[Symbol.asyncDispose]())

test('everything is delivered though processes are killed while they deliver', async () => {
  const { pool } = db.database
  const kind = 'killed'
  const ids = Array.from({ length: 300 }, () => uuidv7())
  await pool.query(
    `insert into banyan_work (id, kind, tenant, service, operation, input, context) select id, $2, '', 'payments', 'charge', '{}', '{}' from unnest($1::uuid[]) as id`,
    [ids, kind],
  )
  const options: SenderOptions = { login: loginOf(pool), kind, leaseMs: 250 }
  for (const after of [1, 40, 23]) await killWhileHandling('sender-process.ts', options, after)
  const deliver = async ({ id }: { id: string }) => {
    await pool.query('insert into effects (stream, by) values ($1, $2)', [id, kind])
    return 'executed' as const
  }
  await using heir = new AsyncDisposableStack()
  heir.use(dispatcher({ sql: pool, kind, leaseMs: 250, pollMs: 50, deliver }))
  await expect.poll(() => countWork(pool, kind)).toBe(0)
  const { rows } = await pool.query<{ stream: string }>('select distinct stream from effects where by = $1 order by stream', [kind])
  expect(rows.map((row) => row.stream)).toEqual(ids)
})
