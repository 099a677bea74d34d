import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { append, countingLog, logDatabase } from '../../test/events/log-database.ts'
import type { TestDatabase } from '../testing/database.ts'
import { logFeed, WatchedLog } from './log-feed.ts'
import { partitionOf } from './partition.ts'

let db: TestDatabase

beforeAll(async () => {
  db = await logDatabase()
})
afterAll(() => db[Symbol.asyncDispose]())

const stream = 'order/1'
const partition = partitionOf(stream)
const never = { pollMs: 3_600_000 }

function watched(options: { pollMs?: number } = never): WatchedLog {
  return new WatchedLog(countingLog(db.database.pool), options)
}

describe('a feed of a log', () => {
  test('gives events after a position, and how far it looked', async () => {
    const sql = db.database.pool
    const before = (await append(sql, [stream])).get(partition)!
    const after = (await append(sql, [stream, stream, 'order/2'])).get(partition)!
    const page = await logFeed(watched()).read({ positions: new Map([[partition, before]]), limit: 100, waitMs: 0 })
    expect(page.events.map((event) => [event.stream, event.position])).toEqual([
      [stream, after - 1],
      [stream, after],
    ])
    expect(page.upTo).toEqual(new Map([[partition, after]]))
    const cut = await logFeed(watched()).read({ positions: new Map([[partition, before]]), limit: 1, waitMs: 0 })
    expect(cut.upTo.get(partition), 'a cut page ends at its last event').toBe(after - 1)
  })

  test('moves over what the consumer does not want', async () => {
    const at = (await append(db.database.pool, [stream], 'Unwanted')).get(partition)!
    const page = await logFeed(watched()).read({ positions: new Map([[partition, at - 1]]), types: ['Wanted'], limit: 10, waitMs: 0 })
    expect([page.events, page.upTo.get(partition)]).toEqual([[], at])
  })

  test('publishes what the contract says, under the names of the contract', async () => {
    const at = (await append(db.database.pool, [stream], 'placed')).get(partition)!
    await append(db.database.pool, [stream], 'secret')
    const feed = logFeed(watched(), {
      publish: ({ type, data }) => (type === 'placed' ? { type: 'Placed', schema: 3, data: { was: data } } : undefined),
      recorded: (type) => (type === 'Placed' ? ['placed'] : []),
    })
    const page = await feed.read({ positions: new Map([[partition, at - 1]]), types: ['Placed'], limit: 10, waitMs: 0 })
    expect(page.events).toMatchObject([{ type: 'Placed', schema: 3, data: { was: { n: 1 } }, position: at }])
    const all = await feed.read({ positions: new Map([[partition, at - 1]]), limit: 10, waitMs: 0 })
    expect(all.events.map((event) => event.type)).toEqual(['Placed'])
  })

  test('an event that cannot be published ends its partition, and no other', async () => {
    const other = 'order/2'
    const before = await append(db.database.pool, [stream, other])
    await append(db.database.pool, [stream], 'fine')
    await append(db.database.pool, [stream], 'broken')
    await append(db.database.pool, [stream, other], 'fine')
    const told: string[] = []
    let mended = false
    const feed = logFeed(watched({ pollMs: 1 }), {
      publish: ({ type, data }) => {
        if (type === 'broken' && !mended) throw new Error('bug')
        return { type, schema: 1, data }
      },
      unpublished: ({ type }) => told.push(type),
    })
    const first = await feed.read({ positions: before, limit: 10, waitMs: 0 })
    expect(first.events.map((event) => `${event.stream} ${event.type}`).sort()).toEqual(['order/1 fine', 'order/2 fine'])
    const held = await feed.read({ positions: first.upTo, incarnation: first.incarnation, limit: 10, waitMs: 5 })
    expect([held.events, held.upTo]).toEqual([[], first.upTo])
    expect(told).toEqual(['broken'])
    mended = true
    const rest = await feed.read({ positions: first.upTo, limit: 10, waitMs: 0 })
    expect(rest.events.map((event) => event.type)).toEqual(['broken', 'fine'])
  })

  test('answers a waiting reader as soon as it is woken', async () => {
    const log = watched()
    const at = (await append(db.database.pool, [stream])).get(partition)!
    const reading = logFeed(log).read({ positions: new Map([[partition, at]]), limit: 10, waitMs: 3_600_000 })
    await append(db.database.pool, [stream])
    log.committed()
    expect((await reading).events).toHaveLength(1)
  })

  test('sees what another process commits by polling', async () => {
    const at = (await append(db.database.pool, [stream])).get(partition)!
    const reading = logFeed(watched({ pollMs: 5 })).read({ positions: new Map([[partition, at]]), limit: 10, waitMs: 3_600_000 })
    await append(db.database.pool, [stream])
    expect((await reading).events).toHaveLength(1)
  })

  test('gives up the wait when told', async () => {
    const at = (await append(db.database.pool, [stream])).get(partition)!
    const giveUp = new AbortController()
    const reading = logFeed(watched()).read({ positions: new Map([[partition, at]]), limit: 10, waitMs: 3_600_000, signal: giveUp.signal })
    giveUp.abort()
    expect((await reading).events).toEqual([])
  })

  test('asks for the heads once for all readers that wait', async () => {
    const at = (await append(db.database.pool, [stream])).get(partition)!
    const reader = countingLog(db.database.pool)
    const log = new WatchedLog(reader, never)
    const reading = Array.from({ length: 20 }, () => logFeed(log).read({ positions: new Map([[partition, at]]), limit: 10, waitMs: 3_600_000 }))
    await append(db.database.pool, [stream])
    log.committed()
    await Promise.all(reading)
    expect(reader.asked.heads).toBeLessThanOrEqual(3)
  })

  test('knows without a look what this process says it committed', async () => {
    const at = (await append(db.database.pool, [stream])).get(partition)!
    const reader = countingLog(db.database.pool)
    const log = new WatchedLog(reader, never)
    const read = (position: number) => logFeed(log).read({ positions: new Map([[partition, position]]), limit: 10, waitMs: 3_600_000 })
    let waiting = [read(at), read(at)]
    for (let i = 0; i < 3; i++) {
      const position = (await append(db.database.pool, [stream])).get(partition)!
      log.committed([{ partition, position }])
      for (const { events, heads } of await Promise.all(waiting)) {
        expect(events.map((event) => event.position)).toEqual([position])
        expect(heads).toEqual(new Map([[partition, position]]))
      }
      waiting = [read(position), read(position)]
    }
    expect(reader.asked.heads).toBe(1)
    log.committed()
    await append(db.database.pool, [stream])
    log.committed()
    await Promise.all(waiting)
  })

  test('does not take for there what was committed after it had looked', async () => {
    const at = (await append(db.database.pool, [stream])).get(partition)!
    const log = watched()
    const before = await log.heads(0)
    log.committed([{ partition, position: at + 1 }])
    const [after, same] = await Promise.all([log.heads(never.pollMs), log.heads(never.pollMs)])
    expect([before, after, same].map(({ positions }) => positions.get(partition))).toEqual([at, at + 1, at + 1])
  })

  test('refuses positions of another log, and positions the log has not given', async () => {
    const feed = logFeed(watched())
    const at = (await append(db.database.pool, [stream])).get(partition)!
    const read = { positions: new Map([[partition, at]]), limit: 10, waitMs: 0 }
    await expect(feed.read({ ...read, incarnation: '00000000-0000-0000-0000-000000000000' })).rejects.toMatchObject({ code: 'log_rewound' })
    await expect(feed.read({ ...read, positions: new Map([[partition, at + 1]]) })).rejects.toMatchObject({ code: 'log_rewound' })
  })
})
