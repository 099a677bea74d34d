import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { logDatabase } from '../../test/events/log-database.ts'
import { uuidv7 } from '../kernel/id.ts'
import { Wakeup } from '../events/wakeup.ts'
import type { TestDatabase } from '../testing/database.ts'
import { dispatcher, type DispatcherOptions } from './dispatcher.ts'
import { claimWork, countWork, discardDead, listDead, reviveWork, settleWork, type WorkItem } from './work.ts'

let db: TestDatabase
let pool: TestDatabase['database']['pool']

beforeAll(async () => {
  db = await logDatabase()
  pool = db.database.pool
})
afterAll(() => db[Symbol.asyncDispose]())

/** Each test has a kind of its own, so that none takes another's work. */
async function enqueue(kind: string, count: number, options: { service?: string; inMs?: number } = {}): Promise<string[]> {
  const ids = Array.from({ length: count }, () => uuidv7())
  await pool.query(
    `insert into banyan_work (id, kind, tenant, service, operation, input, context, due_at)
     select id, $2, '', $3, 'charge', '{"amount":1}', '{}', clock_timestamp() + $4::float8 * interval '1 ms' from unnest($1::uuid[]) as id`,
    [ids, kind, options.service ?? 'payments', options.inMs ?? 0],
  )
  return ids
}

const options = (kind: string, rest: Partial<DispatcherOptions> & Pick<DispatcherOptions, 'deliver'>): DispatcherOptions => ({
  sql: pool,
  kind,
  pollMs: 20,
  backoff: { baseMs: 1, capMs: 5 },
  ...rest,
})
const claim = (kind: string, leaseMs: number, limit = 10) => claimWork(pool, { kind, owner: 'test', limit, leaseMs })
const empty = (kind: string) => vi.waitFor(async () => expect(await countWork(pool, kind)).toBe(0), 60_000)

describe('work', () => {
  test('is claimed by one at a time, and tells when more is due', async () => {
    const kind = 'claimed'
    await enqueue(kind, 5)
    await enqueue(kind, 1, { inMs: 60_000 })
    const both = await Promise.all([claim(kind, 60_000, 3), claim(kind, 60_000, 3)])
    const ids = both.flatMap(({ items }) => items.map((item) => item.id))
    expect(new Set(ids).size).toBe(ids.length)
    expect(both[0].items[0]).toMatchObject({ operation: 'charge', input: { amount: 1 }, attempts: 1, epoch: 1 })
    const { items, nextMs } = await claim(kind, 60_000)
    expect(ids.length + items.length).toBe(5)
    expect(nextMs).toBeGreaterThan(50_000)
    expect(nextMs).toBeLessThanOrEqual(60_000)
  })

  test('counts as not done while it is due, claimed or tried again, not while it is for later', async () => {
    const kind = 'counted'
    await enqueue(kind, 2)
    await enqueue(kind, 1, { inMs: 60_000 })
    expect(await countWork(pool, kind)).toBe(2)
    const [first] = (await claim(kind, 60_000, 1)).items
    expect(await countWork(pool, kind)).toBe(2)
    await settleWork(pool, [{ id: first!.id, epoch: first!.epoch, outcome: 'again', afterMs: 60_000 }])
    expect(await countWork(pool, kind)).toBe(2)
  })

  test('is claimed again when the lease is over, and settled only by who has it', async () => {
    const kind = 'expired'
    await enqueue(kind, 1)
    const first = (await claim(kind, 0)).items[0]!
    const second = (await claim(kind, 60_000)).items[0]!
    expect([second.id, second.epoch, second.attempts]).toEqual([first.id, 2, 2])
    await settleWork(pool, [{ id: first.id, epoch: first.epoch, outcome: 'done' }])
    expect(await countWork(pool, kind)).toBe(1)
    await settleWork(pool, [{ id: second.id, epoch: second.epoch, outcome: 'done' }])
    expect(await countWork(pool, kind)).toBe(0)
  })
})

describe('a dispatcher', () => {
  test('delivers everything, whichever of two has it', async () => {
    const kind = 'all'
    const ids = await enqueue(kind, 500)
    const seen: string[] = []
    const deliver = async ({ id }: WorkItem) => (seen.push(id), 'executed' as const)
    await using first = dispatcher(options(kind, { deliver }))
    await using second = dispatcher(options(kind, { deliver }))
    await empty(kind)
    expect(seen.sort()).toEqual(ids.sort())
    await expect.poll(() => first.status().executed + second.status().executed).toBe(500)
  })

  test('is woken at once by a commit of its process', async () => {
    const kind = 'woken'
    const wakeup = new Wakeup()
    const { promise, resolve } = Promise.withResolvers<string>()
    await using running = new AsyncDisposableStack()
    running.use(dispatcher(options(kind, { wakeup, pollMs: 3_600_000, deliver: async ({ id }) => (resolve(id), 'executed') })))
    const [id] = await enqueue(kind, 1)
    wakeup.wake()
    expect(await promise).toBe(id)
  })

  test('sleeps until the next is due, not until the next poll', async () => {
    const kind = 'due'
    const [id] = await enqueue(kind, 1, { inMs: 150 })
    const { promise, resolve } = Promise.withResolvers<string>()
    await using running = new AsyncDisposableStack()
    running.use(dispatcher(options(kind, { pollMs: 3_600_000, deliver: async (item) => (resolve(item.id), 'executed') })))
    expect(await promise).toBe(id)
  })

  test('tries again what fails, and buries what is refused for good', async () => {
    const kind = 'failing'
    const [bad] = await enqueue(kind, 1, { service: 'refusing' })
    const [shaky] = await enqueue(kind, 1)
    const attempts: number[] = []
    let mended = false
    const wakeup = new Wakeup()
    await using running = new AsyncDisposableStack()
    running.use(
      dispatcher(
        options(kind, {
          wakeup,
          deliver: async (item) => {
            if (item.id === bad) return mended ? 'executed' : { dead: 'key_reused' }
            attempts.push(item.attempts)
            if (item.attempts < 3) throw new Error('connection refused')
            return item.attempts < 5 ? { retry: new Error('overloaded') } : 'executed'
          },
        }),
      ),
    )
    await empty(kind)
    expect(attempts).toEqual([1, 2, 3, 4, 5])
    expect(await listDead(pool)).toMatchObject([{ id: bad, kind, attempts: 1, error: { message: 'key_reused' } }])
    mended = true
    expect(await reviveWork(pool, [bad!, shaky!])).toBe(1)
    wakeup.wake()
    await empty(kind)
    expect(await listDead(pool)).toEqual([])
  })

  test('what is dead can be given up', async () => {
    const kind = 'given-up'
    const [id] = await enqueue(kind, 1)
    await using running = new AsyncDisposableStack()
    running.use(dispatcher(options(kind, { deliver: async () => ({ dead: 'no' }) })))
    await empty(kind)
    expect(await discardDead(pool, [id!])).toBe(1)
    expect(await listDead(pool)).toEqual([])
  })

  test('a service that hangs does not hold up the others', async () => {
    const kind = 'hanging'
    const stop = new AbortController()
    await enqueue(kind, 100, { service: 'hangs' })
    await enqueue(kind, 20)
    let delivered = 0
    const deliver = (item: WorkItem) =>
      item.service === 'hangs' && !stop.signal.aborted
        ? new Promise<'executed'>((resolve) => stop.signal.addEventListener('abort', () => resolve('executed')))
        : (delivered++, Promise.resolve('executed' as const))
    await using running = dispatcher(options(kind, { concurrency: 16, deliver }))
    await vi.waitFor(() => expect(delivered).toBe(20), 60_000)
    expect(running.status().inFlight).toBeLessThanOrEqual(8)
    stop.abort()
    await empty(kind)
  })

  test('keeps a delivery that takes longer than the lease', async () => {
    const kind = 'long'
    await enqueue(kind, 1)
    const done = Promise.withResolvers<'executed'>()
    let calls = 0
    const deliver = () => (calls++, done.promise)
    await using running = new AsyncDisposableStack()
    for (let i = 0; i < 2; i++) running.use(dispatcher(options(kind, { leaseMs: 150, deliver })))
    const leased = () =>
      pool
        .query<{ n: number }>(`select extract(epoch from leased_until)::float8 as n from banyan_work where kind = $1`, [kind])
        .then(({ rows }) => rows[0]?.n ?? 0)
    await vi.waitFor(async () => expect(await leased()).toBeGreaterThan(0), 60_000)
    const first = await leased()
    await vi.waitFor(async () => expect((await leased()) - first).toBeGreaterThan(0.3), 60_000)
    expect(calls).toBe(1)
    done.resolve('executed')
    await empty(kind)
  })

  test('lets deliveries finish when it stops, and gives back those that do not', async () => {
    const kind = 'drained'
    const [slow, stuck] = await enqueue(kind, 2)
    const started = Promise.withResolvers<void>()
    const finish = Promise.withResolvers<'executed'>()
    let calls = 0
    const deliver = (item: WorkItem) => {
      if (++calls === 2) started.resolve()
      return item.id === slow ? finish.promise : new Promise<never>(() => {})
    }
    const stopping = dispatcher(options(kind, { deliver, drainMs: 50 }))
    await started.promise
    const stopped = stopping[Symbol.asyncDispose]()
    finish.resolve('executed')
    await stopped
    const { rows } = await pool.query<{ id: string; owner: string | null; late: boolean }>(
      "select id, owner, due_at > clock_timestamp() + interval '1 s' as late from banyan_work where kind = $1",
      [kind],
    )
    expect(rows).toEqual([{ id: stuck, owner: null, late: false }])
  })
})
