import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { logDatabase } from '../../test/events/log-database.ts'
import { systemClock, type Clock } from '../kernel/clock.ts'
import type { Sql } from '../store/sql.ts'
import type { TestDatabase } from '../testing/database.ts'
import type { Lease } from './lease-sql.ts'
import { partitionLeases, type Leases, type LeasesOptions, type Participant } from './leases.ts'

let db: TestDatabase

beforeAll(async () => {
  db = await logDatabase()
})
afterAll(() => db[Symbol.asyncDispose]())

/** Under it nothing beats by itself, but once. */
const still: Clock = { ...systemClock, wait: (_ms, signal) => new Promise((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true })) }
const partitions = 16
const source = 'orders'

interface Replica extends AsyncDisposable {
  readonly owner: string
  readonly leases: Leases
  /** Partition → epoch, as it believes. */
  readonly held: Map<number, number>
}

async function replica(
  subscription: string,
  granted: (lease: Lease, owner: string) => void = () => {},
  options: Partial<LeasesOptions> = {},
): Promise<Replica> {
  const leases = partitionLeases({ sql: db.database.pool, partitions, leaseMs: 3_600_000, clock: still, ...options })
  const held = new Map<number, number>()
  const drop = (gone: readonly number[]) => gone.forEach((partition) => held.delete(partition))
  const participant: Participant = {
    subscription,
    source,
    granted: (given) => {
      for (const lease of given) {
        granted(lease, leases.owner)
        held.set(lease.partition, lease.epoch)
      }
    },
    lost: drop,
    giveUp: async (gone) => drop(gone),
  }
  await leases.join(participant)
  await quiet(leases)
  return { owner: leases.owner, leases, held, [Symbol.asyncDispose]: () => leases[Symbol.asyncDispose]() }
}

/** Its own beat, the one that joining causes, is over: the second of ours comes after it. */
async function quiet(leases: Leases): Promise<void> {
  await leases.beat()
  await leases.beat()
}

async function owners(subscription: string): Promise<Map<number, string | null>> {
  const { rows } = await db.database.pool.query<{ partition: number; owner: string | null }>(
    'select partition, owner from banyan_subscriptions where subscription = $1 order by 1',
    [subscription],
  )
  return new Map(rows.map(({ partition, owner }) => [partition, owner]))
}

/** Its lease ends now, by the database's time, though it may live. */
async function expire({ owner }: Replica): Promise<void> {
  await db.database.pool.query(`update banyan_members set live_until = clock_timestamp() - interval '1 ms' where owner = $1`, [owner])
}

describe('leases', () => {
  test('one replica takes all; a second gets its half as the first gives it up', async () => {
    await using first = await replica('halves')
    await first.leases.beat()
    expect(first.held.size).toBe(16)
    await using second = await replica('halves')
    await second.leases.beat()
    expect(second.held.size, 'nothing is torn away from an owner that lives').toBe(0)
    await first.leases.beat()
    await vi.waitFor(async () => {
      await second.leases.beat()
      expect([first.held.size, second.held.size]).toEqual([8, 8])
    }, 60_000)
  })

  test('a replica that leaves frees its partitions at once', async () => {
    await using stays = await replica('leaving')
    const leaves = await replica('leaving')
    await vi.waitFor(async () => {
      for (const one of [stays, leaves]) await one.leases.beat()
      expect([stays.held.size, leaves.held.size]).toEqual([8, 8])
    }, 60_000)
    await leaves[Symbol.asyncDispose]()
    await stays.leases.beat()
    expect(stays.held.size).toBe(16)
  })

  test('a silent replica is taken over at a higher epoch, and notices when it comes back', async () => {
    await using silent = await replica('silent')
    await silent.leases.beat()
    const before = new Map(silent.held)
    await using next = await replica('silent')
    await expire(silent)
    await next.leases.beat()
    expect(next.held.size).toBe(16)
    for (const [partition, epoch] of next.held) expect(epoch).toBeGreaterThan(before.get(partition)!)
    await silent.leases.beat()
    expect(silent.held.size).toBe(0)
  })

  test('a replica that comes back before anybody took over keeps its epochs', async () => {
    await using late = await replica('late')
    await late.leases.beat()
    const before = new Map(late.held)
    await expire(late)
    await late.leases.beat()
    expect(late.held).toEqual(before)
  })

  test('one statement serves all subscriptions of a process', async () => {
    const { pool } = db.database
    let statements = 0
    const counting: Sql = {
      query: (text, values) => {
        statements++
        return pool.query(text, values)
      },
    }
    await using leases = partitionLeases({ sql: counting, clock: still })
    const held = new Map<string, number>()
    for (let i = 0; i < 10; i++) {
      const granted = (given: readonly Lease[]) => held.set(`s${i}`, given.length)
      await leases.join({ subscription: `s${i}`, source, granted, lost: () => {}, giveUp: async () => {} })
    }
    await quiet(leases)
    expect([...held.values()]).toEqual(Array.from({ length: 10 }, () => 64))
    statements = 0
    await leases.beat()
    expect(statements).toBe(1)
  })

  test('with real time, the partitions of a process that is gone are taken after the lease', async () => {
    const options = { leaseMs: 200, clock: systemClock }
    // it beats once and never again
    await using gone = await replica('time', () => {}, { leaseMs: 200 })
    await gone.leases.beat()
    await using heir = await replica('time', () => {}, options)
    await vi.waitFor(() => expect(heir.held.size).toBe(16), 60_000)
  })
})

type Step = { readonly do: 'join' | 'leave' | 'vanish' | 'expire' | 'beat' | 'race'; readonly who: number }

describe('after any joins, leaves and deaths', () => {
  const steps = fc.array(fc.record<Step>({ do: fc.constantFrom('join', 'leave', 'vanish', 'expire', 'beat', 'race', 'race'), who: fc.nat(5) }), {
    maxLength: 25,
  })
  let run = 0

  test('a partition has one owner per epoch, and all are owned in fair shares in the end', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (steps) => {
        const subscription = `any${run++}`
        const grants = new Map<string, string>()
        const granted = ({ partition, epoch }: Lease, owner: string) => {
          const at = `${partition}@${epoch}`
          expect(grants.get(at) ?? owner, `${at} belongs to one`).toBe(owner)
          grants.set(at, owner)
        }
        const alive: Replica[] = [await replica(subscription, granted)]
        const gone: Replica[] = []
        for (const step of steps) await take(step, subscription, alive, gone, granted)
        if (alive.length === 0) alive.push(await replica(subscription, granted))
        await vi.waitFor(async () => {
          for (const one of alive) await one.leases.beat()
          const sizes = alive.map((one) => one.held.size).sort((a, b) => a - b)
          expect(sizes.reduce((a, b) => a + b)).toBe(partitions)
          expect(sizes.at(-1)! - sizes[0]!).toBeLessThanOrEqual(1)
          const recorded = await owners(subscription)
          for (const one of alive) for (const partition of one.held.keys()) expect(recorded.get(partition)).toBe(one.owner)
        }, 60_000)
        await Promise.all([...alive, ...gone].map((one) => one[Symbol.asyncDispose]()))
      }),
      { numRuns: 25 },
    )
  })
})

async function take(step: Step, subscription: string, alive: Replica[], gone: Replica[], granted: (lease: Lease, owner: string) => void): Promise<void> {
  if (step.do === 'join') return void alive.push(await replica(subscription, granted))
  if (step.do === 'race') return void (await Promise.all(alive.map((each) => each.leases.beat())))
  const [one] = alive.slice(step.who % Math.max(1, alive.length))
  if (!one) return
  if (step.do === 'beat') return one.leases.beat()
  if (step.do === 'expire') return expire(one)
  alive.splice(alive.indexOf(one), 1)
  if (step.do === 'leave') return one[Symbol.asyncDispose]()
  gone.push(one)
  await expire(one)
}
