import { afterAll, beforeAll, expect, test } from 'vitest'
import { logDatabase } from '../../test/events/log-database.ts'
import { uuidv7 } from '../kernel/id.ts'
import type { TestDatabase } from '../testing/database.ts'
import { commitUnits } from './commit.ts'
import { keepMonths } from './months.ts'

let db: TestDatabase

beforeAll(async () => {
  db = await logDatabase()
})
afterAll(() => db[Symbol.asyncDispose]())

async function partitions(parent: string): Promise<string[]> {
  const { rows } = await db.database.pool.query<{ name: string }>(
    'select inhrelid::regclass::text as name from pg_inherits where inhparent = $1::regclass order by 1',
    [parent],
  )
  return rows.map(({ name }) => name)
}

async function rowsIn(table: string): Promise<number> {
  // the service's role has no rights on partitions
  const { rows } = await db.database.pool.query<{ count: number }>(
    `select count(*)::int as count from ${table.replace(/_(\d{4}_\d{2}|rest)$/, '')} where tableoid = '${table}'::regclass`,
  )
  return rows[0]!.count
}

const march = new Date('2031-03-10T12:00:00Z')

function unit(at: Date) {
  const id = uuidv7(at.getTime())
  return {
    tenant: 't',
    streams: [{ stream: `order/${id}`, expected: 0, events: [{ id, type: 'Placed', schema: 1, data: '{}', meta: '{}' }] }],
    sends: [{ id, service: 's', operation: 'o', input: '{}', context: '{}' }],
    key: { key: id, operation: 'place', tenant: 't', subject: 's', input: 'i', result: '{}' },
  }
}

test('makes the months around now, by the role of the service, and nothing twice', async () => {
  const sql = db.database.pool
  expect(await keepMonths(sql, { now: march })).toBe('kept')
  const expected = (parent: string) => [...['2031_02', '2031_03', '2031_04'].map((month) => `${parent}_${month}`), `${parent}_rest`]
  for (const parent of ['banyan_keys', 'banyan_events', 'banyan_work']) expect(await partitions(parent)).toEqual(expected(parent))
  expect(await keepMonths(sql, { now: march })).toBe('kept')
  expect(await partitions('banyan_keys')).toHaveLength(4)
})

test('rows go to their months, in UTC and by the time of their ids', async () => {
  await commitUnits(db.database.pool, [
    unit(new Date('2031-02-28T23:59:59.999Z')),
    unit(new Date('2031-03-01T00:00:00Z')),
    unit(new Date('2031-03-31T23:59:59Z')),
  ])
  expect(await Promise.all(['banyan_keys_2031_02', 'banyan_keys_2031_03', 'banyan_work_2031_02', 'banyan_work_2031_03'].map(rowsIn))).toEqual([1, 2, 1, 2])
  expect(await rowsIn('banyan_events_rest'), 'events are of today').toBe(3)
})

test('takes over what the default partition holds of a month', async () => {
  await commitUnits(db.database.pool, [unit(new Date('2031-07-04T00:00:00Z'))])
  expect([await rowsIn('banyan_keys_rest'), await rowsIn('banyan_work_rest')]).toEqual([1, 1])
  await keepMonths(db.database.pool, { now: new Date('2031-07-10T00:00:00Z') })
  expect([await rowsIn('banyan_keys_rest'), await rowsIn('banyan_work_rest')]).toEqual([0, 0])
  expect([await rowsIn('banyan_keys_2031_07'), await rowsIn('banyan_work_2031_07')]).toEqual([1, 1])
})

test('takes over events of this month too', async () => {
  const today = new Date()
  await keepMonths(db.database.pool, { now: today })
  expect(await rowsIn('banyan_events_rest')).toBe(0)
  expect(await rowsIn(`banyan_events_${today.toISOString().slice(0, 7).replace('-', '_')}`)).toBe(4)
  const { rows } = await db.database.pool.query('select stream from banyan_events')
  expect(rows).toHaveLength(4)
})

test('forgets keys past their retention and only those', async () => {
  const foreign = {
    ...unit(march),
    key: { key: 'ffffffff-ffff-8000-8000-000000000001', operation: 'place', tenant: 't', subject: 's', input: 'i', result: '{}' },
  }
  await commitUnits(db.database.pool, [foreign])
  await keepMonths(db.database.pool, { now: new Date('2031-08-31T23:00:00Z') })
  expect(await partitions('banyan_keys')).toContain('banyan_keys_2031_07')
  await keepMonths(db.database.pool, { now: new Date('2031-09-01T00:00:00Z') })
  expect(await partitions('banyan_keys')).not.toContain('banyan_keys_2031_07')
  expect(await partitions('banyan_keys')).toContain('banyan_keys_2031_08')
  expect(await partitions('banyan_work'), 'work is not dropped').toContain('banyan_work_2031_07')
  expect(await rowsIn('banyan_keys_rest'), 'those without a time go by when they were recorded').toBe(0)
})

test('is postponed while a long statement holds the default partition', async () => {
  const reader = await db.database.connect()
  await reader.query('begin')
  await reader.query('select count(*) from banyan_events')
  expect(await keepMonths(db.database.pool, { now: new Date('2032-01-10T00:00:00Z') })).toBe('postponed')
  await reader.query('commit')
  await reader.end()
  expect(await partitions('banyan_keys')).not.toContain('banyan_keys_2032_01')
  expect(await keepMonths(db.database.pool, { now: new Date('2032-01-10T00:00:00Z') })).toBe('kept')
})

test('the role of the service reaches rows through the parent only', async () => {
  await expect(db.database.pool.query('delete from banyan_events_2031_03')).rejects.toThrow('permission denied')
  await expect(db.database.pool.query('create table intruder ()')).rejects.toThrow('permission denied')
})
