import { afterAll, beforeAll, expect, test } from 'vitest'
import { frameworkMigrations } from '../events/framework-migrations.ts'
import { systemClock, type Clock } from '../kernel/clock.ts'
import { silentLog } from '../observe/log.ts'
import { identity } from '../security/identity.ts'
import { testDatabase, type TestDatabase } from '../testing/database.ts'
import { Refusals } from './refusals.ts'
import { Upkeep } from './upkeep.ts'

let db: TestDatabase
beforeAll(async () => {
  db = await testDatabase({ migrations: [{ name: 'banyan', migrations: frameworkMigrations }] })
})
afterAll(() => db[Symbol.asyncDispose]())

/** Time stands still until the end. */
const still: Clock = { ...systemClock, wait: (_ms, signal) => new Promise((resolve) => signal!.addEventListener('abort', () => resolve(), { once: true })) }
const by = (subject: string) => ({ identity: identity({ subject }), caller: undefined, traceparent: '00-1-1-01' })
const why = { rule: 'owner', lacks: ['owner'] }
const written = async (): Promise<unknown> =>
  (await db.database.pool.query('select subject, operation, caller, rule, lacks, times from banyan_refusals order by subject')).rows

test('refusals alike are one row, at the latest at the end', async () => {
  const refusals = new Refusals(db.database.repeated, silentLog, still)
  for (let n = 0; n < 3; n++) refusals.note('byId', why, by('ada'))
  refusals.note('byId', { rule: 'owner', lacks: [] }, { ...by('bob'), caller: 'orders' })
  await refusals[Symbol.asyncDispose]()
  expect(await written()).toEqual([
    { subject: 'ada', operation: 'byId', caller: null, rule: 'owner', lacks: ['owner'], times: 3 },
    { subject: 'bob', operation: 'byId', caller: 'orders', rule: 'owner', lacks: [], times: 1 },
  ])
})

test('the service may neither change nor remove what was written', async () => {
  for (const statement of ["update banyan_refusals set subject = 'eve'", 'delete from banyan_refusals', 'truncate banyan_refusals']) {
    await expect(db.database.pool.query(statement)).rejects.toMatchObject({ code: '42501' })
  }
})

test('what is older than 90 days is removed by upkeep, and nothing younger', async () => {
  await db.database.pool.query(`
    insert into banyan_refusals (at, tenant, subject, operation, rule, lacks, traceparent, times)
    select clock_timestamp() - age, 't', 'age ' || age, 'byId', 'owner', '{}'::text[], '', 1
    from unnest(array[interval '89 days 23 hours', interval '90 days', interval '400 days']) as age
    union all
    select clock_timestamp() - interval '100 days', 't', 'age of many', 'byId', 'owner', '{}'::text[], '', 1 from generate_series(1, 10001)`)
  const ages = async () => (await db.database.pool.query("select subject from banyan_refusals where subject like 'age %'")).rows
  expect(await ages()).toHaveLength(10_004)
  await using _upkeep = await Upkeep.begin(db.database.repeated, silentLog)
  expect(await ages()).toEqual([{ subject: 'age 89 days 23:00:00' }])
  expect((await db.database.pool.query("select from banyan_refusals where subject in ('ada', 'bob')")).rowCount).toBe(2)
})

test('a flood is counted where it is too much to be kept apart', async () => {
  const told: unknown[] = []
  const refusals = new Refusals(db.database.repeated, { ...silentLog, warn: (_message, fields) => told.push(fields) }, still)
  for (let n = 0; n < 1_500; n++) refusals.note('byId', why, by(`flood ${n}`))
  await refusals[Symbol.asyncDispose]()
  expect(told).toEqual([{ refusals: 500 }])
  const { rows } = await db.database.pool.query("select count(*)::int as count from banyan_refusals where subject like 'flood %'")
  expect(rows).toEqual([{ count: 1_000 }])
})
