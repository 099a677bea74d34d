import type pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { logDatabase } from '../../test/events/log-database.ts'
import { randomFrom } from '../../test/random.ts'
import { uuidv7 } from '../kernel/id.ts'
import { sqlState } from '../store/sql-errors.ts'
import type { TestDatabase } from '../testing/database.ts'
import { commitUnits } from './commit.ts'
import { committer, type Committer } from './committer.ts'
import { eventLog } from './log.ts'
import type { Expected, Outcome, Unit } from './unit.ts'

let db: TestDatabase

beforeAll(async () => {
  db = await logDatabase()
})
afterAll(() => db[Symbol.asyncDispose]())

const WRITES = 120
const isolations = ['read committed', 'read committed', 'repeatable read', 'serializable']

/** What writers have been told, by stream: ids of the events in the log. */
type Told = Map<string, Set<string>>

function randomUnit(random: () => number, streams: readonly string[], known: Map<string, number>): Unit {
  const chosen = new Set(Array.from({ length: 1 + Math.floor(random() * 2) }, () => streams[Math.floor(random() * streams.length)]!))
  const appends = [...chosen].map((stream) => {
    const expected: Expected = random() < 0.5 ? 'any' : (known.get(stream) ?? 0)
    const events = Array.from({ length: Math.floor(random() * 3) }, () => ({ id: uuidv7(), type: 'T', schema: 1, data: '{}', meta: '{}' }))
    return { stream, expected, events }
  })
  return { tenant: '', streams: appends, sends: [] }
}

function learn(unit: Unit, outcome: Outcome, known: Map<string, number>, told: Told): void {
  if (outcome.kind === 'conflict') known.set(outcome.stream, outcome.actual)
  if (outcome.kind !== 'committed') return
  unit.streams.forEach(({ stream, events }, index) => {
    known.set(stream, outcome.versions[index]!)
    for (const { id } of events) told.get(stream)!.add(id)
  })
}

/** Transactions of every isolation, some slow to commit, some rolled back. */
async function transacting(client: pg.Client, random: () => number, streams: readonly string[], told: Told): Promise<void> {
  const known = new Map<string, number>()
  for (let n = 0; n < WRITES; n++) {
    const units = Array.from({ length: 1 + Math.floor(random() * 3) }, () => randomUnit(random, streams, known))
    try {
      await client.query(`begin isolation level ${isolations[Math.floor(random() * isolations.length)]!}`)
      if (random() < 0.3) await client.query('select count(*) from banyan_streams')
      const outcomes = await commitUnits(client, units)
      if (random() < 0.3) await client.query('select pg_sleep($1)', [random() * 0.005])
      const rolledBack = random() < 0.2
      await client.query(rolledBack ? 'rollback' : 'commit')
      if (!rolledBack) units.forEach((unit, index) => learn(unit, outcomes[index]!, known, told))
    } catch (error) {
      expect(sqlState(error)).toMatch(/^40(001|P01)$/)
      await client.query('rollback')
    }
  }
}

async function submitting(commits: Committer, random: () => number, streams: readonly string[], told: Told): Promise<void> {
  const known = new Map<string, number>()
  for (let n = 0; n < WRITES; n++) {
    const units = Array.from({ length: 1 + Math.floor(random() * 8) }, () => randomUnit(random, streams, known))
    const outcomes = await Promise.all(units.map((unit) => commits.submit(unit)))
    units.forEach((unit, index) => learn(unit, outcomes[index]!, known, told))
  }
}

/** Reads again and again, until `done`, that nothing appears at or behind a position that was visible before. */
async function watching(sql: pg.Pool, done: () => boolean): Promise<number> {
  const seen = new Map<number, number[]>()
  let reads = 0
  for (let last = false; !last; reads++) {
    last = done()
    const { rows } = await sql.query<{ partition: number; position: string }>('select partition, position from banyan_events order by partition, position')
    const now = Map.groupBy(rows, ({ partition }) => partition)
    for (const [partition, before] of seen) {
      const visible = now.get(partition)!.map(({ position }) => Number(position))
      expect(visible.slice(0, before.length), `partition ${partition}`).toEqual(before)
    }
    for (const [partition, visible] of now)
      seen.set(
        partition,
        visible.map(({ position }) => Number(position)),
      )
  }
  return reads
}

/** A consumer that only ever reads after what it has. */
async function following(sql: pg.Pool, done: () => boolean): Promise<string[]> {
  const log = eventLog(sql)
  const positions = new Map(Array.from({ length: 64 }, (_, partition) => [partition, 0]))
  const read: string[] = []
  for (let last = false; !last;) {
    last = done()
    for (let found = -1; found !== 0;) {
      const events = await log.readAfter(positions, undefined, 100)
      for (const { id, partition, position } of events) {
        expect(position).toBeGreaterThan(positions.get(partition)!)
        positions.set(partition, position)
        read.push(id)
      }
      found = events.length
    }
  }
  return read
}

test.each([1, 2, 3])('writers of every kind leave a log without gaps, and readers never miss an event (seed %i)', async (seed) => {
  const sql = db.database.pool
  const streams = Array.from({ length: 6 }, () => `order/${uuidv7()}`)
  const told: Told = new Map(streams.map((stream) => [stream, new Set()]))
  const clients = await Promise.all([1, 2, 3].map(() => db.database.connect()))
  const committers = [committer(db.database), committer(db.database, { connections: 2 })]
  let writing = true
  const writers = [
    ...clients.map((client, index) => transacting(client, randomFrom(seed * 10 + index), streams, told)),
    ...committers.map((one, index) => submitting(one, randomFrom(seed * 10 + 5 + index), streams, told)),
  ]
  const written = Promise.all(writers).finally(() => (writing = false))
  const [reads, read] = await Promise.all([watching(sql, () => !writing), following(sql, () => !writing), written])
  await Promise.all([...clients.map((client) => client.end()), ...committers.map((one) => one[Symbol.asyncDispose]())])

  expect(reads).toBeGreaterThan(3)
  const { rows } = await sql.query<{ id: string; stream: string; version: number; position: string }>(
    'select id, stream, version, position from banyan_events where stream = any($1) order by stream, position',
    [streams],
  )
  for (const stream of streams) {
    const events = rows.filter((row) => row.stream === stream)
    expect(
      events.map(({ version }) => version),
      'versions follow each other, in the order of positions',
    ).toEqual(events.map((_, index) => index + 1))
    expect(new Set(events.map(({ id }) => id)), 'what writers were told is what is there').toEqual(told.get(stream))
    const { rows: heads } = await sql.query('select version, last from banyan_streams where stream = $1', [stream])
    expect(heads).toEqual([{ version: events.length, last: events.at(-1)!.id }])
  }
  expect(new Set(rows.map(({ id }) => id)).difference(new Set(read)), 'missed by the consumer').toEqual(new Set())
  expect(read.length, 'given twice to the consumer').toBe(new Set(read).size)
})
