import { afterAll, beforeAll, expect, test } from 'vitest'
import { logDatabase } from '../../test/events/log-database.ts'
import { commitUnits } from '../events/commit.ts'
import { uuidv7 } from '../kernel/id.ts'
import type { TestDatabase } from '../testing/database.ts'
import { claimWork, settleWork } from './work.ts'
import { readWork } from './work-state.ts'

let db: TestDatabase
beforeAll(async () => {
  db = await logDatabase()
})
afterAll(() => db[Symbol.asyncDispose]())

test('what waits is told with its age, and what failed or is dead by where it goes', async () => {
  const { pool } = db.database
  expect(await readWork(pool, 'send')).toEqual({ waiting: 0, oldestMs: 0, failing: [], dead: [] })
  const now = Date.now()
  const send = (operation: string, ago: number) => ({ id: uuidv7(now - ago), service: 'payments', operation, input: '{}', context: '{}' })
  await commitUnits(pool, [{ tenant: '', streams: [], sends: [send('charge', 5_000), send('charge', 3_000), send('refund', 1_000)] }])
  const { items } = await claimWork(pool, { kind: 'send', owner: 'here', limit: 10, leaseMs: 10_000 })
  await settleWork(
    pool,
    items.map(({ id, epoch, operation }) =>
      operation === 'charge'
        ? { id, epoch, outcome: 'again', afterMs: 60_000, failure: { message: 'away' } }
        : { id, epoch, outcome: 'dead', failure: { message: 'refused' } },
    ),
  )
  expect(await readWork(pool, 'send', new Date(now))).toEqual({
    waiting: 2,
    oldestMs: expect.closeTo(5_000, -2) as number,
    failing: [{ operation: 'payments.charge', count: 2, attempts: 1, error: { message: 'away' } }],
    dead: [{ operation: 'payments.refund', count: 1, attempts: 1, error: { message: 'refused' } }],
  })
})
