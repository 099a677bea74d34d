import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { logDatabase } from '../../test/events/log-database.ts'
import { append, event, newStream, record, unit } from '../../test/events/units.ts'
import { severedProxy, type SeveredProxy } from '../../test/events/severed-proxy.ts'
import { randomFrom } from '../../test/random.ts'
import { BanyanError } from '../kernel/errors.ts'
import { uuidv7 } from '../kernel/id.ts'
import type { TestDatabase } from '../testing/database.ts'
import { commitUnits } from './commit.ts'
import { committer } from './committer.ts'
import type { Outcome, StreamAppend, Unit } from './unit.ts'

let db: TestDatabase
let sql: pg.Pool
let proxy: SeveredProxy

beforeAll(async () => {
  db = await logDatabase()
  sql = db.database.pool
  proxy = await severedProxy(sql)
})
afterAll(async () => {
  await proxy[Symbol.asyncDispose]()
  await db[Symbol.asyncDispose]()
})

function keyed(...streams: StreamAppend[]): Unit {
  return { ...unit(...streams), key: record(uuidv7()) }
}

async function eventIds(stream: string): Promise<string[]> {
  const { rows } = await sql.query<{ id: string }>('select id from banyan_events where stream = $1 order by position', [stream])
  return rows.map(({ id }) => id)
}

async function waitingForLocks(count: number): Promise<void> {
  const waiting = async () =>
    (await sql.query<{ count: number }>(`select count(*)::int as count from pg_locks where locktype = 'advisory' and not granted`)).rows[0]!.count
  await expect.poll(waiting).toBe(count)
}

describe('a committer', () => {
  test('commits what arrives together at once, each with its own outcome', async () => {
    await using commits = committer(db.database)
    const [stream, taken] = [newStream(), newStream()]
    await commits.submit(unit(append(taken, 0)))
    const first = append(stream, 0)
    const outcomes = await Promise.all([
      ...Array.from({ length: 500 }, () => commits.submit(keyed(append(newStream(), 0)))),
      commits.submit(unit(first)),
      commits.submit(unit(append(taken, 0))),
      commits.submit(unit(append(stream, 1, 1, first.events[0]!.id))),
    ])
    expect(outcomes.slice(0, 500).every((outcome) => outcome.kind === 'committed')).toBe(true)
    expect(outcomes.slice(500).map((outcome) => outcome.kind)).toEqual(['committed', 'conflict', 'committed'])
    const { rows } = await sql.query('select count(distinct xmin::text)::int as commits from banyan_events where stream = $1 or stream = $2', [stream, taken])
    expect(rows[0].commits).toBeLessThan(4)
  })

  test.each([1, 2, 3])('keeps the order of a stream over %i connections', async (connections) => {
    await using commits = committer(db.database, { connections, maxBatch: 3 })
    const streams = Array.from({ length: 20 }, newStream)
    const outcomes: Promise<Outcome>[] = []
    for (let version = 0; version < 10; version++) for (const stream of streams) outcomes.push(commits.submit(unit(append(stream, version))))
    expect(new Set((await Promise.all(outcomes)).map((outcome) => outcome.kind))).toEqual(new Set(['committed']))
  })

  test('a value the database refuses fails its own unit only', async () => {
    await using commits = committer(db.database)
    const [good, alsoGood] = [newStream(), newStream()]
    const badId: Unit = unit({ stream: newStream(), expected: 0, events: [{ ...event(), id: 'not a uuid' }] })
    const outcomes = await Promise.allSettled(
      [unit(append(good, 0)), unit({ ...append(newStream(), 0), events: [event('{broken')] }), unit(append('nul \0', 0)), badId, unit(append(alsoGood, 0))].map(
        (one) => commits.submit(one),
      ),
    )
    expect(outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value.kind : (outcome.reason.code ?? outcome.reason.name)))).toEqual([
      'committed',
      '22P02',
      '22021',
      'TypeError',
      'committed',
    ])
    expect([await eventIds(good), await eventIds(alsoGood)].map((ids) => ids.length)).toEqual([1, 1])
  })

  test('refuses more than may wait', async () => {
    const opened = Promise.withResolvers<void>()
    await using commits = committer({ connect: () => opened.promise.then(() => db.database.connect()) }, { maxQueued: 3, depth: 1 })
    const first = Array.from({ length: 3 }, () => commits.submit(unit(append(newStream(), 0))))
    await expect(commits.submit(unit(append(newStream(), 0)))).rejects.toMatchObject({ code: 'overloaded', executed: 'no' })
    opened.resolve()
    expect((await Promise.all(first)).map(({ kind }) => kind)).toEqual(['committed', 'committed', 'committed'])
  })

  test('commits what waits before it stops, and takes nothing after', async () => {
    const commits = committer(db.database)
    const submitted = Array.from({ length: 50 }, () => commits.submit(unit(append(newStream(), 0))))
    const stopped = commits[Symbol.asyncDispose]()
    await expect(commits.submit(unit())).rejects.toMatchObject({ code: 'draining' })
    await stopped
    expect((await Promise.all(submitted)).every(({ kind }) => kind === 'committed')).toBe(true)
  })

  test('says that a database that cannot be reached has executed nothing', async () => {
    let reachable = false
    const refused = () => Promise.reject(new BanyanError('database_unreachable', 'nobody answers', { executed: 'no' }))
    await using commits = committer({ connect: () => (reachable ? db.database.connect() : refused()) }, { reachMs: 50 })
    await expect(commits.submit(unit(append(newStream(), 0)))).rejects.toMatchObject({ code: 'database_unreachable', executed: 'no' })
    reachable = true
    expect(await commits.submit(unit(append(newStream(), 0)))).toMatchObject({ kind: 'committed' })
  })
})

describe('when the connection breaks while the server is still at work', () => {
  /** Cuts the way while the unit waits for its partition in the server, lets a resubmission queue up behind it, then lets both go on. */
  async function cutWhileAtWork(submitted: Unit, between: (outcome: Promise<unknown>) => Promise<unknown>): Promise<PromiseSettledResult<Outcome>> {
    const holder = await db.database.connect()
    await holder.query('begin')
    await commitUnits(
      holder,
      submitted.streams.map(({ stream }) => unit({ stream, expected: 'any', events: [] })),
    )
    await using commits = committer(proxy)
    const outcome = Promise.allSettled([commits.submit(submitted)])
    await waitingForLocks(1)
    proxy.cut()
    await between(outcome)
    await holder.query('commit')
    const [settled] = await outcome
    await holder.end()
    return settled!
  }

  test.each([
    ['with a key', (stream: string) => keyed(append(stream, 'any'))],
    ['with an exact version', (stream: string) => unit(append(stream, 0))],
    ['with both', (stream: string) => keyed(append(stream, 0))],
    ['with an assertion besides', (stream: string) => unit({ ...append(newStream(), 'any'), events: [] }, append(stream, 'absent'))],
  ])('a unit %s is committed once and said to be', async (_, make) => {
    const stream = newStream()
    const submitted = make(stream)
    const settled = await cutWhileAtWork(submitted, () => waitingForLocks(2))
    const appended = submitted.streams.findIndex((one) => one.stream === stream)
    expect(settled).toMatchObject({ status: 'fulfilled', value: { kind: 'committed', positions: [{ position: expect.any(Number) }] } })
    expect((settled as PromiseFulfilledResult<Outcome & { kind: 'committed' }>).value.versions[appended]).toBe(1)
    expect(await eventIds(stream)).toEqual([submitted.streams[appended]!.events[0]!.id])
  })

  test('a unit that nothing keeps from being committed twice is not, and its outcome is unknown', async () => {
    const stream = newStream()
    const settled = await cutWhileAtWork(unit(append(stream, 'any')), (outcome) => outcome)
    expect(settled).toMatchObject({ status: 'rejected', reason: { code: 'outcome_unknown', executed: 'maybe' } })
    await expect.poll(() => eventIds(stream)).toHaveLength(1)
  })

  test('one that lost to another writer is a conflict', async () => {
    const stream = newStream()
    await commitUnits(sql, [unit(append(stream, 0))])
    expect(await cutWhileAtWork(unit(append(stream, 0)), () => waitingForLocks(2))).toMatchObject({
      status: 'fulfilled',
      value: { kind: 'conflict', actual: 1 },
    })
  })

  test('a connection that does not answer counts as broken', async () => {
    const [stream, holder] = [newStream(), await db.database.connect()]
    await holder.query('begin')
    await commitUnits(holder, [unit({ stream, expected: 'any', events: [] })])
    await using commits = committer(db.database, { answerMs: 100 })
    const outcome = commits.submit(unit(append(stream, 0)))
    await waitingForLocks(2)
    await holder.query('commit')
    expect(await outcome).toMatchObject({ kind: 'committed', versions: [1] })
    expect(await eventIds(stream)).toHaveLength(1)
    await holder.end()
  })

  test('one that stays unreachable leaves the outcome unknown, and who was not sent is told', async () => {
    const [stream, holder] = [newStream(), await db.database.connect()]
    await holder.query('begin')
    await commitUnits(holder, [unit({ stream, expected: 'any', events: [] })])
    let connected = 0
    const commits = committer(
      { connect: () => (connected++ === 0 ? proxy.connect() : Promise.reject(new BanyanError('database_unreachable', 'gone'))) },
      { resolveMs: 500, reachMs: 50 },
    )
    const outcome = Promise.allSettled([commits.submit(unit(append(stream, 0)))])
    await waitingForLocks(1)
    proxy.cut()
    await expect.poll(() => connected).toBeGreaterThan(1)
    await expect(commits.submit(unit(append(newStream(), 0)))).rejects.toMatchObject({ code: 'database_unreachable', executed: 'no' })
    expect(await outcome).toMatchObject([{ status: 'rejected', reason: { code: 'outcome_unknown', executed: 'maybe' } }])
    proxy.hangUp()
    await holder.end()
    await commits[Symbol.asyncDispose]()
  })
})

describe('when connections are broken at random', () => {
  test.each([1, 2])('every answer is true, over %i connections', async (connections) => {
    const random = randomFrom(connections)
    const commits = committer(proxy, { connections, maxBatch: 8 })
    const streams = Array.from({ length: 12 }, newStream)
    const committed = new Map<string, string[]>(streams.map((stream) => [stream, []]))
    let submitted = 0
    let breaks = 0
    const writer = async (stream: string) => {
      let [version, last]: [number, string | undefined] = [0, undefined]
      for (let round = 0; round < 60; round++) {
        const one = append(stream, version, 1, last)
        const outcome = await commits.submit(random() < 0.5 ? keyed(one) : unit(one))
        submitted++
        // nobody else writes, so nothing may fail
        expect(outcome, `${stream} at ${version}`).toMatchObject({ kind: 'committed', versions: [version + 1] })
        version++
        last = one.events[0]!.id
        committed.get(stream)!.push(last)
      }
    }
    const breaker = async () => {
      while (submitted < streams.length * 60) {
        const goal = submitted + Math.floor(random() * 40)
        await expect.poll(() => submitted >= Math.min(goal, streams.length * 60), { interval: 1 }).toBe(true)
        breaks++
        const how = random()
        if (how < 0.4)
          await sql.query(
            `select pg_terminate_backend(pid) from pg_stat_activity where usename = current_user and query like '%banyan_commit%' and pid <> pg_backend_pid()`,
          )
        else if (how < 0.7) proxy.cut()
        else proxy.hangUp()
      }
    }
    await Promise.all([breaker(), ...streams.map(writer)])
    await commits[Symbol.asyncDispose]()
    proxy.hangUp()
    expect(breaks).toBeGreaterThan(5)
    for (const stream of streams) expect(await eventIds(stream)).toEqual(committed.get(stream))
  })
})
