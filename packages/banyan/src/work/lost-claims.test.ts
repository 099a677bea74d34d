import { expect, test, vi } from 'vitest'
import { logDatabase } from '../../test/events/log-database.ts'
import { uuidv7 } from '../kernel/id.ts'
import type { Sql } from '../store/sql.ts'
import { dispatcher } from './dispatcher.ts'
import { countWork } from './work.ts'

test('work whose claim was committed and never answered is delivered at once, not when its lease ends', async () => {
  await using db = await logDatabase()
  const { pool } = db.database
  await pool.query(`insert into banyan_work (id, kind, tenant, service, operation, input, context) values ($1, 'send', '', 'payments', 'charge', '{}', '{}')`, [
    uuidv7(),
  ])
  let lost = 0
  const breaking: Sql = {
    query: async (text, values) => {
      const answer = await pool.query(text, values)
      if (text.includes('banyan_claim') && lost++ === 0) throw new Error('Connection terminated unexpectedly')
      return answer as never
    },
  }
  const delivered: number[] = []
  await using _working = dispatcher({
    sql: breaking,
    leaseMs: 600_000,
    deliver: async ({ attempts }) => {
      delivered.push(attempts)
      return 'executed'
    },
  })
  await vi.waitFor(async () => expect(await countWork(pool, 'send')).toBe(0), 60_000)
  expect(delivered).toEqual([2])
})
