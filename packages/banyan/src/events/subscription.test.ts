import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { effects, recordEffects, wrapped } from '../../test/events/effects.ts'
import { append, logDatabase, newEvent } from '../../test/events/log-database.ts'
import { Deadline } from '../kernel/deadline.ts'
import { BanyanError } from '../kernel/errors.ts'
import type { TestDatabase } from '../testing/database.ts'
import { leaseLost, resetCheckpoints } from './checkpoint.ts'
import { commitUnits } from './commit.ts'
import { partitionLeases } from './leases.ts'
import { logFeed, WatchedLog } from './log-feed.ts'
import { eventLog } from './log.ts'
import { listParked } from './parked.ts'
import { partitionOf } from './partition.ts'
import type { Handled, SubscriptionHandler } from './subscription-handler.ts'
import type { Subscription, SubscriptionOptions } from './subscription.ts'
import { subscribe } from './subscribe.ts'

let db: TestDatabase
let pool: TestDatabase['database']['pool']

beforeAll(async () => {
  db = await logDatabase()
  pool = db.database.pool
})
afterAll(() => db[Symbol.asyncDispose]())

const kinds = ['batch', 'each'] as const
const source = 'orders'
const backoff = { baseMs: 1, capMs: 5 }
const soon = () => Deadline.in(20_000)

/** A subscription that is alone in its process, with its log. */
async function run(
  subscription: string,
  handler: SubscriptionHandler,
  options: Partial<SubscriptionOptions> & { leaseMs?: number; log?: WatchedLog } = {},
): Promise<Subscription & { readonly watched: WatchedLog }> {
  const { leaseMs, log: watched = new WatchedLog(eventLog(pool), { pollMs: 20 }), ...rest } = options
  const leases = partitionLeases({ sql: pool, ...(leaseMs && { leaseMs }) })
  const running = await subscribe({
    subscription,
    source,
    handler,
    leases,
    feed: logFeed(watched),
    sql: pool,
    backoff,
    checkpointMs: 10,
    ...rest,
  })
  const stop = async () => {
    await running[Symbol.asyncDispose]()
    await leases[Symbol.asyncDispose]()
  }
  return {
    subscription,
    source,
    watched,
    status: () => running.status(),
    caughtUp: (positions, deadline, signal) => running.caughtUp(positions, deadline, signal),
    [Symbol.asyncDispose]: stop,
  }
}

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1)
const streams = (name: string, count: number) => upTo(count).map((i) => `${name}/${i}`)

describe.each(kinds)('a subscription that handles %s', (kind) => {
  test('has every effect once, in order within a key', async () => {
    const name = `order-${kind}`
    const keys = streams(name, 20)
    for (let version = 0; version < 5; version++) await append(pool, keys)
    await using subscription = await run(name, recordEffects(pool, kind, name))
    for (let version = 0; version < 5; version++) await append(pool, keys)
    await subscription.caughtUp(await heads(), soon())
    const seen = await effects(pool, name)
    for (const key of keys) expect(seen[key]).toEqual(upTo(10))
  })

  test('goes on where it stopped', async () => {
    const name = `stopped-${kind}`
    const handler = recordEffects(pool, kind, name)
    {
      await using subscription = await run(name, handler)
      await append(pool, [name])
      await subscription.caughtUp(await heads(), soon())
    }
    await append(pool, [name])
    await using subscription = await run(name, handler)
    await subscription.caughtUp(await heads(), soon())
    expect((await effects(pool, name))[name]).toEqual([1, 2])
  })

  test('parks the key of an event that fails for good, and lets the others flow', async () => {
    const name = `poison-${kind}`
    const [bad, good] = neighbours(name)
    let attempts = 0
    const handler = recordEffects(pool, kind, name, (event) => {
      if (event.stream !== bad || event.version !== 2) return
      attempts++
      throw new Error('cannot read this \u0000')
    })
    await using subscription = await run(name, handler, { attempts: 3 })
    for (let version = 0; version < 4; version++) await append(pool, [bad, good])
    await subscription.caughtUp(await heads(), soon())
    const seen = await effects(pool, name)
    expect(seen[bad]).toEqual([1])
    expect(seen[good]).toEqual([1, 2, 3, 4])
    const parked = await listParked(pool, { subscription: name, source, stream: bad })
    expect(parked.map(({ event, attempts }) => [event.version, attempts])).toEqual([
      [2, 3],
      [3, 0],
      [4, 0],
    ])
    expect(parked[0]!.error.message).toMatch(/^cannot read this/)
    // once more when it failed in a batch with others
    expect(attempts - 3).toBeLessThanOrEqual(1)
    expect(subscription.status().partitions.flatMap((partition) => partition.parked)).toContain(bad)
  })

  test('retries for ever what may pass, and holds up only that partition', async () => {
    const name = `passing-${kind}`
    const [stuck, free] = [name, elsewhere(name)]
    let broken = true
    const handler = recordEffects(pool, kind, name, (event) => {
      if (broken && event.stream === stuck) throw new BanyanError('unavailable', 'the other service is away')
    })
    await using subscription = await run(name, handler, { attempts: 2 })
    await append(pool, [stuck, stuck])
    await append(pool, [free])
    await vi.waitFor(() => expect(subscription.status().partitions[partitionOf(stuck)]!.failures).toBeGreaterThan(5), 10_000)
    await vi.waitFor(async () => expect((await effects(pool, name))[free]).toEqual([1]), 10_000)
    expect(subscription.status().partitions[partitionOf(stuck)]).toMatchObject({ error: { code: 'unavailable' }, queued: 2 })
    await expect(subscription.caughtUp(await heads(), Deadline.in(1))).rejects.toMatchObject({
      code: 'deadline_exceeded',
      message: /the other service is away/,
    })
    broken = false
    await subscription.caughtUp(await heads(), soon())
    expect((await effects(pool, name))[stuck]).toEqual([1, 2])
  })

  test('has each effect once although the answer to a COMMIT was lost', async () => {
    const name = `unknown-${kind}`
    const inner = recordEffects(pool, kind, name)
    let lost = 0
    const losing = async (commit: Promise<Handled>): Promise<Handled> => {
      const handled = await commit
      if (lost++ % 2 === 0) throw new BanyanError('outcome_unknown', 'the connection broke')
      return handled
    }
    const handler = wrapped(inner, losing)
    await append(pool, streams(name, 10))
    await append(pool, streams(name, 10))
    await using subscription = await run(name, handler)
    await subscription.caughtUp(await heads(), soon())
    const seen = await effects(pool, name)
    for (const key of streams(name, 10)) expect(seen[key]).toEqual([1, 2])
  })

  test('parks at once what only a newer consumer knows, and resumes by itself when there is one', async () => {
    const name = `newer-${kind}`
    const old = recordEffects(pool, kind, name, (event) => {
      if (event.schema > 1) throw new BanyanError('newer_event', `${event.type} has version ${event.schema}`)
    })
    {
      await using subscription = await run(name, old)
      await append(pool, [name])
      await append(pool, [name], 'Happened', 2)
      await append(pool, [name])
      await subscription.caughtUp(await heads(), soon())
      expect((await effects(pool, name))[name]).toEqual([1])
    }
    await using subscription = await run(name, recordEffects(pool, kind, name))
    await vi.waitFor(async () => expect((await effects(pool, name))[name]).toEqual([1, 2, 3]), 10_000)
    await append(pool, [name])
    await subscription.caughtUp(await heads(), soon())
    expect((await effects(pool, name))[name]).toEqual([1, 2, 3, 4])
  })
})

describe('checkpoints', () => {
  test('move over events that are filtered out or ignored, without a write for each', async () => {
    const name = 'ignored'
    await using subscription = await run(name, { kind: 'each', handle: async () => 'ignored' }, { types: ['Wanted'] })
    for (let i = 0; i < 20; i++) await append(pool, [name], i % 2 === 0 ? 'Wanted' : 'Unwanted')
    const target = await heads()
    await subscription.caughtUp(target, soon())
    await vi.waitFor(async () => expect(await stored(name, name)).toBe(target.get(partitionOf(name))), 10_000)
  })

  test('are moved before a subscription is given back', async () => {
    const name = 'given-back'
    const target = await (async () => {
      await using subscription = await run(name, { kind: 'each', handle: async () => 'ignored' }, { checkpointMs: 3_600_000 })
      await append(pool, [name])
      await subscription.caughtUp(await heads(), soon())
      return heads()
    })()
    expect(await stored(name, name)).toBe(target.get(partitionOf(name)))
  })

  test('another log under them stops the subscription, until an operator resets it', async () => {
    const name = 'rewound'
    await using subscription = await run(name, recordEffects(pool, 'each', name), { leaseMs: 300 })
    await append(pool, [name])
    await subscription.caughtUp(await heads(), soon())
    await pool.query('update banyan_log set incarnation = gen_random_uuid()')
    await append(pool, [name])
    subscription.watched.wakeup.wake()
    await vi.waitFor(() => expect(subscription.status().error).toMatchObject({ code: 'log_rewound' }), 10_000)
    expect((await effects(pool, name))[name]).toEqual([1])
    await resetCheckpoints(pool, { subscription: name, source }, new Map())
    await vi.waitFor(async () => expect((await effects(pool, name))[name]).toEqual([1, 1, 2]), 20_000)
  })
})

test('a commit of this process is handled without a poll', async () => {
  const name = 'woken'
  const log = new WatchedLog(eventLog(pool), { pollMs: 3_600_000 })
  await using subscription = await run(name, recordEffects(pool, 'each', name), { log, types: ['Woken'] })
  for (let i = 0; i < 10; i++) {
    const target = await append(pool, [name], 'Woken')
    log.wakeup.wake()
    await subscription.caughtUp(target, soon())
  }
  expect((await effects(pool, name))[name]).toEqual(upTo(10))
})

test('another replica can wait for what this one does', async () => {
  const name = 'watching'
  await using doing = await run(name, recordEffects(pool, 'each', name))
  const target = await append(pool, [name])
  await doing.caughtUp(target, soon())
  await using watching = await run(name, recordEffects(pool, 'each', name))
  await watching.caughtUp(target, soon())
  expect((await effects(pool, name))[name]).toEqual([1])
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
  await using subscription = await run(name, losing, { types: ['Cause'] })
  for (let i = 0; i < 5; i++) await append(pool, streams(name, 10), 'Cause')
  await subscription.caughtUp(await heads(), soon())
  for (const key of streams(name, 10)) expect(await eventLog(pool).readStream(`${name}-effect/${key}`)).toHaveLength(5)
})

async function heads(): Promise<ReadonlyMap<number, number>> {
  return (await eventLog(pool).heads()).positions
}

async function stored(subscription: string, stream: string): Promise<number> {
  const { rows } = await pool.query<{ position: string }>('select position from banyan_subscriptions where subscription = $1 and partition = $2', [
    subscription,
    partitionOf(stream),
  ])
  return Number(rows[0]!.position)
}

/** Two keys of one partition. */
function neighbours(name: string): [string, string] {
  for (let i = 0; ; i++) if (partitionOf(`${name}/${i}`) === partitionOf(name)) return [name, `${name}/${i}`]
}

/** A key of another partition. */
function elsewhere(name: string): string {
  for (let i = 0; ; i++) if (partitionOf(`${name}/${i}`) !== partitionOf(name)) return `${name}/${i}`
}
