import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { effects, recordEffects, wrapped } from '../../test/events/effects.ts'
import { append, logDatabase, newEvent } from '../../test/events/log-database.ts'
import { run, source } from '../../test/events/running.ts'
import { Deadline } from '../kernel/deadline.ts'
import { BanyanError } from '../kernel/errors.ts'
import type { Sql } from '../store/sql.ts'
import type { TestDatabase } from '../testing/database.ts'
import { leaseLost, resetCheckpoints } from './checkpoint.ts'
import { commitUnits } from './commit.ts'
import { WatchedLog } from './log-feed.ts'
import { eventLog } from './log.ts'
import { partitionOf } from './partition.ts'
import type { SubscriptionHandler } from './subscription-handler.ts'

let db: TestDatabase
let pool: TestDatabase['database']['pool']

beforeAll(async () => {
  db = await logDatabase()
  pool = db.database.pool
})
afterAll(() => db[Symbol.asyncDispose]())

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1)
const streams = (name: string, count: number) => upTo(count).map((i) => `${name}/${i}`)
const heads = async () => (await eventLog(pool).heads()).positions
const soon = () => Deadline.in(60_000)

describe.each(['batch', 'each'] as const)('a subscription that handles %s', (kind) => {
  test('has every effect once, in order within a key', async () => {
    const name = `order-${kind}`
    const keys = streams(name, 20)
    for (let version = 0; version < 5; version++) await append(pool, keys)
    await using subscription = await run(pool, name, recordEffects(pool, kind, name))
    for (let version = 0; version < 5; version++) await append(pool, keys)
    await subscription.quiet()
    const seen = await effects(pool, name)
    for (const key of keys) expect(seen[key]).toEqual(upTo(10))
  })

  test('goes on where it stopped', async () => {
    const name = `stopped-${kind}`
    const handler = recordEffects(pool, kind, name)
    {
      await using subscription = await run(pool, name, handler)
      await append(pool, [name])
      await subscription.quiet()
    }
    await append(pool, [name])
    await using subscription = await run(pool, name, handler)
    await subscription.quiet()
    expect((await effects(pool, name))[name]).toEqual([1, 2])
  })
})

describe('checkpoints', () => {
  test('move over events that are filtered out or ignored, without a write for each', async () => {
    const name = 'ignored'
    await using subscription = await run(pool, name, { kind: 'each', handle: async () => 'ignored' }, { types: ['Wanted'] })
    for (let i = 0; i < 20; i++) await append(pool, [name], i % 2 === 0 ? 'Wanted' : 'Unwanted')
    const target = await heads()
    await subscription.caughtUp(target, soon())
    await vi.waitFor(async () => expect(await stored(name, name)).toBe(target.get(partitionOf(name))), 60_000)
  })

  test('are moved before a subscription is given back', async () => {
    const name = 'given-back'
    const target = await (async () => {
      await using subscription = await run(pool, name, { kind: 'each', handle: async () => 'ignored' }, { checkpointMs: 3_600_000 })
      await append(pool, [name])
      await subscription.quiet()
      return heads()
    })()
    expect(await stored(name, name)).toBe(target.get(partitionOf(name)))
  })

  test('another log under them stops the subscription, until an operator resets it', async () => {
    const name = 'rewound'
    await using subscription = await run(pool, name, recordEffects(pool, 'each', name), { beats: { leaseMs: 300 } })
    await append(pool, [name])
    await subscription.quiet()
    await pool.query('update banyan_log set incarnation = gen_random_uuid()')
    await append(pool, [name])
    subscription.log.committed()
    await vi.waitFor(() => expect(subscription.status().error).toMatchObject({ code: 'log_rewound' }), 60_000)
    expect((await effects(pool, name))[name]).toEqual([1])
    await resetCheckpoints(pool, { subscription: name, source }, new Map())
    await vi.waitFor(async () => expect((await effects(pool, name))[name]).toEqual([1, 1, 2]), 60_000)
  })
})

test('disposing does not wait longer than the time to drain, and tells the handler', async () => {
  const name = 'hanging'
  const handling = Promise.withResolvers<AbortSignal>()
  const subscription = await run(
    pool,
    name,
    { kind: 'each', handle: (_event, _advance, { signal }) => (handling.resolve(signal), new Promise(() => {})) },
    { drainMs: 20 },
  )
  await append(pool, [name])
  const signal = await handling.promise
  await subscription[Symbol.asyncDispose]()
  expect(signal.aborted).toBe(true)
})

test('disposing lets a handler finish what it is at, and begins nothing new', async () => {
  const name = 'finishing'
  const handling = Promise.withResolvers<void>()
  const finish = Promise.withResolvers<void>()
  const handler = recordEffects(pool, 'each', name, async (event) => {
    if (event.stream !== name) return
    handling.resolve()
    await finish.promise
  })
  const subscription = await run(pool, name, handler)
  await append(pool, [name, name])
  await handling.promise
  const disposed = subscription[Symbol.asyncDispose]()
  finish.resolve()
  await disposed
  expect((await effects(pool, name))[name]).toEqual([1])
})

test('a commit of this process is handled without a poll', async () => {
  const name = 'woken'
  const log = new WatchedLog(eventLog(pool), { pollMs: 3_600_000 })
  await using subscription = await run(pool, name, recordEffects(pool, 'each', name), { log, types: ['Woken'] })
  for (let i = 0; i < 10; i++) {
    const target = await append(pool, [name], 'Woken')
    log.committed()
    await subscription.caughtUp(target, soon())
  }
  expect((await effects(pool, name))[name]).toEqual(upTo(10))
})

test('another replica can wait for what this one does', async () => {
  const name = 'watching'
  await using doing = await run(pool, name, recordEffects(pool, 'each', name))
  const target = await append(pool, [name])
  await doing.caughtUp(target, soon())
  await using watching = await run(pool, name, recordEffects(pool, 'each', name))
  await watching.caughtUp(target, soon())
  expect((await effects(pool, name))[name]).toEqual([1])
})

test('a database that does not answer is no mistake of who waits for another replica', async () => {
  const name = 'away'
  await using doing = await run(pool, name, recordEffects(pool, 'each', name))
  const target = await append(pool, [name])
  await doing.caughtUp(target, soon())
  let away = false
  const sql: Sql = {
    query: (...statement: Parameters<Sql['query']>) =>
      away ? Promise.reject(Object.assign(new Error('the database system is starting up'), { code: '57P03' })) : pool.query(...statement),
  } as Sql
  await using watching = await run(pool, name, recordEffects(pool, 'each', name), { sql })
  away = true
  await expect(watching.caughtUp(target, soon())).rejects.toMatchObject({ code: 'database_unreachable' })
  away = false
  await watching.caughtUp(target, soon())
})

test('a reaction whose unit carries the checkpoint has its effects once', async () => {
  const name = 'unit'
  const react: SubscriptionHandler = {
    kind: 'each',
    handle: async (event, checkpoint) => {
      const streams = [{ stream: `${name}-effect/${event.stream}`, expected: 'any' as const, events: [newEvent('Effect')] }]
      const [outcome] = await commitUnits(pool, [{ tenant: '', streams, sends: [], checkpoint }])
      if (outcome?.kind === 'lease_lost') throw leaseLost(checkpoint)
      return 'committed'
    },
  }
  let lost = 0
  const losing = wrapped(react, async (commit) => {
    await commit
    if (lost++ % 2 === 0) throw new BanyanError('outcome_unknown', 'the connection broke')
    return 'committed'
  })
  await using subscription = await run(pool, name, losing, { types: ['Cause'] })
  for (let i = 0; i < 5; i++) await append(pool, streams(name, 10), 'Cause')
  await subscription.quiet()
  for (const key of streams(name, 10)) expect(await eventLog(pool).readStream(`${name}-effect/${key}`)).toHaveLength(5)
})

test('what has piled up in all partitions is handled in few batches', async () => {
  const name = 'piled'
  const keys = Array.from({ length: 640 }, (_, i) => `${name}/${i}`)
  for (let round = 0; round < 10; round++) await append(pool, keys, 'Piled')
  const sizes: number[] = []
  const handler: SubscriptionHandler = { kind: 'batch', handle: async (events) => (sizes.push(events.length), 'ignored') }
  await using subscription = await run(pool, name, handler, { types: ['Piled'] })
  await subscription.quiet()
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(6_400)
  expect(sizes.length).toBeLessThan(200)
})

test('what waits in many partitions while one is handled goes together, each event once', async () => {
  const name = 'together'
  const keys = Array.from({ length: 60 }, (_, i) => `${name}/${i}`)
  const [gate, begun] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const batches: number[] = []
  const recorded = recordEffects(pool, 'batch', name)
  if (recorded.kind !== 'batch') throw new Error('not a batch')
  const handler: SubscriptionHandler = {
    kind: 'batch',
    async handle(events, advances, about) {
      begun.resolve()
      await gate.promise
      batches.push(advances.length)
      return recorded.handle(events, advances, about)
    },
  }
  await using subscription = await run(pool, name, handler, { types: ['Together'], concurrency: 1 })
  await append(pool, [keys[0]!], 'Together')
  await begun.promise
  await append(pool, keys, 'Together')
  const queued = () => subscription.status().partitions.reduce((sum, { queued }) => sum + queued, 0)
  await expect.poll(queued).toBe(61)
  gate.resolve()
  await subscription.quiet()
  const seen = await effects(pool, name)
  expect(seen).toEqual(Object.fromEntries(keys.map((key, index) => [key, index === 0 ? [1, 2] : [1]])))
  expect(batches[0]).toBe(1)
  expect(batches.length).toBeLessThanOrEqual(3)
})

async function stored(subscription: string, stream: string): Promise<number> {
  const { rows } = await pool.query<{ position: string }>('select position from banyan_subscriptions where subscription = $1 and partition = $2', [
    subscription,
    partitionOf(stream),
  ])
  return Number(rows[0]!.position)
}
