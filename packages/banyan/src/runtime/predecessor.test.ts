import { afterAll, beforeAll, expect, test } from 'vitest'
import { logDatabase } from '../../test/events/log-database.ts'
import { beatStatement, seedSubscriptions } from '../events/lease-sql.ts'
import { uuidv7 } from '../kernel/id.ts'
import type { TestDatabase } from '../testing/database.ts'
import { claimWork } from '../work/work.ts'
import { succeed } from './predecessor.ts'

const key = { subscription: 'reactions', source: 'orders' }
const HOUR = 3_600_000
let db: TestDatabase
let pool: TestDatabase['database']['pool']

beforeAll(async () => {
  db = await logDatabase()
  pool = db.database.pool
  await seedSubscriptions(pool, [key], 64)
})
afterAll(() => db[Symbol.asyncDispose]())

const beat = async (owner: string) => (await beatStatement(pool, owner, [key], HOUR, 64))[0]!
const claim = async (owner: string) => (await claimWork(pool, { kind: 'send', owner, limit: 10, leaseMs: HOUR })).items

test('who comes to the place of a dead process has its partitions and its work at once, at a higher epoch', async () => {
  await pool.query(`insert into banyan_work (id, kind, tenant, service, operation, input, context) values ($1, 'send', '', 'payments', 'charge', '{}', '{}')`, [
    uuidv7(),
  ])
  const before = await beat('host:3000/dead')
  expect(before.leases).toHaveLength(64)
  expect(await claim('host:3000/dead')).toHaveLength(1)

  // port 300 is another place, whose name merely begins alike
  for (const elsewhere of ['host:300', 'host:3001', 'other:3000']) await succeed(pool, elsewhere)
  expect((await beat('host:3001/new')).leases).toEqual([])
  expect(await claim('host:3001/new')).toEqual([])

  await succeed(pool, 'host:3000')
  const after = await beat('host:3000/new')
  expect([after.fair, after.leases.length]).toEqual([32, 32])
  expect(Math.min(...after.leases.map(({ epoch }) => epoch))).toBe(2)
  expect(await claim('host:3000/new')).toMatchObject([{ epoch: 2, attempts: 2 }])
})
