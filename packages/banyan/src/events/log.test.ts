import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { logDatabase } from '../../test/events/log-database.ts'
import { uuidv7 } from '../kernel/id.ts'
import type { TestDatabase } from '../testing/database.ts'
import { commitUnits } from './commit.ts'
import { eventLog, type EventLog } from './log.ts'
import { partitionOf } from './partition.ts'

let db: TestDatabase
let sql: pg.Pool
let log: EventLog

beforeAll(async () => {
  db = await logDatabase()
  sql = db.database.pool
  log = eventLog(sql)
})
afterAll(() => db[Symbol.asyncDispose]())

async function append(stream: string, values: readonly number[], type = 'Added'): Promise<string[]> {
  const events = values.map((value) => ({ id: uuidv7(), type, schema: 1, data: JSON.stringify({ value }), meta: '{"by":"test"}' }))
  await commitUnits(sql, [{ tenant: 't', streams: [{ stream, expected: 'any', events }], sends: [] }])
  return events.map(({ id }) => id)
}

function newStream(): string {
  return `sum/${uuidv7()}`
}

const sum = {
  initial: 0,
  evolve: (state: number, { data }: { data: unknown }) => state + (data as { value: number }).value,
}

describe('a stream', () => {
  test('is read in order, whole or in part', async () => {
    const stream = newStream()
    const ids = await append(stream, [1, 2, 3, 4])
    const events = await log.readStream(stream)
    expect(events.map(({ id }) => id)).toEqual(ids)
    expect(events[1]).toEqual({
      id: ids[1],
      stream,
      version: 2,
      partition: partitionOf(stream),
      position: expect.any(Number),
      type: 'Added',
      schema: 1,
      tenant: 't',
      data: { value: 2 },
      meta: { by: 'test' },
      at: expect.any(Date),
    })
    const versions = async (...range: Parameters<EventLog['readStream']>) => (await log.readStream(...range)).map(({ version }) => version)
    expect(await versions(stream, { after: 1, version: 3 })).toEqual([2, 3])
    expect(await versions(stream, { limit: 2 })).toEqual([1, 2])
    expect(await versions(newStream())).toEqual([])
  })

  test('is folded, over pages, from the start or from a state', async () => {
    const stream = newStream()
    const ids = await append(
      stream,
      Array.from({ length: 2_345 }, () => 1),
    )
    const { state, bytes } = await log.fold(sum, stream)
    expect(state).toEqual({ version: 2_345, last: ids[2_344], state: 2_345 })
    expect(bytes).toBe(2_345 * '{"value":1}'.length)
    expect((await log.fold(sum, stream, { version: 1_000 })).state).toEqual({ version: 1_000, last: ids[999], state: 1_000 })
    expect((await log.fold(sum, stream, {}, { version: 2_344, last: ids[2_343]!, state: 10 })).state).toEqual({ version: 2_345, last: ids[2_344], state: 11 })
    expect((await log.fold(sum, newStream())).state).toEqual({ version: 0, state: 0 })
    await expect(log.fold(sum, stream, { version: 2_346 })).rejects.toMatchObject({ code: 'stream_not_found' })
  })

  test('is folded as it was at a time', async () => {
    const stream = newStream()
    await append(stream, [1, 2])
    const { rows } = await sql.query<{ at: Date }>('select clock_timestamp() as at')
    await append(stream, [3])
    expect((await log.fold(sum, stream, { at: new Date(rows[0]!.at.getTime() + 1) })).state.version).toBeLessThanOrEqual(3)
    const [, second] = await log.readStream(stream)
    expect((await log.fold(sum, stream, { at: new Date(0) })).state).toEqual({ version: 0, state: 0 })
    expect((await log.fold(sum, stream, { at: second!.at })).state.version).toBeGreaterThanOrEqual(2)
  })
})

describe('partitions', () => {
  test('have heads', async () => {
    const stream = newStream()
    await append(stream, [1, 2])
    const { incarnation, positions } = await log.heads()
    const [, last] = await log.readStream(stream)
    expect(positions.get(partitionOf(stream))).toBe(last!.position)
    expect(incarnation).toBe((await sql.query('select incarnation from banyan_log')).rows[0].incarnation)
  })

  test('are read after positions, each a run without gaps, up to the limit', async () => {
    const before = (await log.heads()).positions
    const streams = Array.from({ length: 40 }, newStream)
    for (const stream of streams) await append(stream, [1, 2, 3])
    // one partition has far more than the others
    await append(
      streams[0]!,
      Array.from({ length: 200 }, () => 1),
    )
    const asked = new Map(Array.from({ length: 64 }, (_, partition) => [partition, before.get(partition) ?? 0]))
    const { rows } = await sql.query<{ id: string; partition: number }>('select id, partition from banyan_events where stream = any($1) order by position', [
      streams,
    ])
    const all = Map.groupBy(rows, ({ partition }) => partition)
    for (const limit of [1, 10, 64, 100, 319, 320, 1_000]) {
      const events = await log.readAfter(asked, undefined, limit)
      expect(events, `limit ${limit}`).toHaveLength(Math.min(limit, 320))
      for (const [partition, run] of Map.groupBy(events, (event) => event.partition)) {
        const ids = run.map(({ id }) => id)
        expect(ids).toEqual(
          all
            .get(partition)!
            .slice(0, ids.length)
            .map(({ id }) => id),
        )
      }
    }
  })

  test('are read for some types only', async () => {
    const before = (await log.heads()).positions
    const stream = newStream()
    await append(stream, [1], 'Unwanted')
    await append(stream, [2], 'Wanted')
    const asked = new Map([[partitionOf(stream), before.get(partitionOf(stream)) ?? 0]])
    expect((await log.readAfter(asked, ['Wanted', 'Other'], 10)).map(({ type }) => type)).toEqual(['Wanted'])
    expect(await log.readAfter(asked, [], 10)).toEqual([])
    expect(await log.readAfter(new Map(), undefined, 10)).toEqual([])
  })
})

describe('a log of many months', () => {
  test('is read as a whole, whatever was seen of it before', async () => {
    const months = eventLog(sql)
    await sql.query(`select banyan_months(now() - interval '1 year', now())`)
    const stream = newStream()
    await append(stream, [1, 2])
    const before = (await months.heads()).positions
    await append(stream, [3])
    const partition = partitionOf(stream)
    const events = await months.readStream(stream)
    expect((await months.heads()).positions.get(partition)).toBe(events[2]!.position)
    expect((await months.heads()).positions.size, 'also partitions without news').toBeGreaterThanOrEqual(before.size)
    const after = async (position: number) =>
      (await months.readAfter(new Map([[partition, position]]), undefined, 100)).map(({ version, stream: name }) => name === stream && version)
    expect(await after(events[1]!.position)).toEqual([3])
    expect(await after(events[0]!.position)).toEqual([2, 3])
    expect((await after(0)).length).toBeGreaterThanOrEqual(3)
  })

  test('is noticed when it is not the one that was seen', async () => {
    const admin = db.server.admin
    const schema = db.database.schema
    const seen = eventLog(sql)
    const stream = newStream()
    await append(stream, [1, 2, 3])
    const partition = partitionOf(stream)
    await seen.heads()
    // what a restored backup looks like: the last events and positions are not there
    await admin.query(`delete from "${schema}".banyan_events where stream = $1`, [stream])
    const { rows } = await admin.query(`select max(position) as last from "${schema}".banyan_events`)
    await admin.query(`select setval('"${schema}".banyan_position', $1)`, [rows[0].last])
    const { positions } = await seen.heads()
    expect(positions.get(partition) ?? 0).toBeLessThanOrEqual(Number(rows[0].last))
    await admin.query(`update "${schema}".banyan_log set incarnation = gen_random_uuid()`)
    const { rows: logs } = await admin.query(`select incarnation from "${schema}".banyan_log`)
    expect((await seen.heads()).incarnation).toBe(logs[0].incarnation)
  })
})
