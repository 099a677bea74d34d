import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { recordEffects } from '../../test/events/effects.ts'
import { append, logDatabase } from '../../test/events/log-database.ts'
import { run, source } from '../../test/events/running.ts'
import { BanyanError } from '../kernel/errors.ts'
import type { TestDatabase } from '../testing/database.ts'
import { PARTITIONS } from './event.ts'
import { partitionOf } from './partition.ts'
import { MOST_COUNTED, readBacklog, readSubscription } from './subscription-state.ts'

let db: TestDatabase
let pool: TestDatabase['database']['pool']
beforeAll(async () => {
  db = await logDatabase()
  pool = db.database.pool
})
afterAll(() => db[Symbol.asyncDispose]())

const beginning = new Map(Array.from({ length: PARTITIONS }, (_, partition) => [partition, 0]))

test('a subscription that no process has run has dealt with nothing', async () => {
  expect(await readSubscription(pool, { subscription: 'unknown', source })).toEqual({
    subscription: 'unknown',
    source,
    positions: new Map(),
    incarnation: undefined,
    owners: [],
    ownerless: 0,
    failing: [],
    parked: { keys: 0, events: 0, first: undefined },
  })
})

test('who owns partitions is told, and what one of them fails at, until that is over', async () => {
  const name = 'failing'
  let broken = true
  const handler = recordEffects(pool, 'each', name, () => {
    if (broken) throw new BanyanError('unavailable', 'the other service is away')
  })
  const key = { subscription: name, source }
  {
    await using subscription = await run(pool, name, handler, { types: ['Failed'], beats: { owner: 'here/1' } })
    await append(pool, ['failing/1'], 'Failed')
    const failing = async () => (await readSubscription(pool, key)).failing
    await vi.waitFor(async () => expect((await failing())[0]?.attempts).toBeGreaterThan(1), 60_000)
    expect(await failing()).toMatchObject([{ partition: partitionOf('failing/1'), stream: 'failing/1', error: { message: 'the other service is away' } }])
    expect((await readSubscription(pool, key)).owners).toEqual([{ owner: 'here/1', partitions: PARTITIONS }])
    broken = false
    await subscription.quiet()
    await vi.waitFor(async () => expect(await failing()).toEqual([]), 60_000)
  }
  expect(await readSubscription(pool, key)).toMatchObject({ owners: [], ownerless: PARTITIONS })
})

test('parked events are counted by key', async () => {
  const name = 'parking'
  const handler = recordEffects(pool, 'each', name, () => {
    throw new Error('cannot read this')
  })
  await using subscription = await run(pool, name, handler, { types: ['Parked'], attempts: 1 })
  await append(pool, ['parking/1', 'parking/2', 'parking/2'], 'Parked')
  await subscription.quiet()
  const { parked } = await readSubscription(pool, { subscription: name, source })
  expect(parked).toMatchObject({ keys: 2, events: 3, first: { stream: expect.stringMatching(/^parking/) as string, error: { message: 'cannot read this' } } })
})

test('events behind are those of the types asked for, counted up to a bound', async () => {
  const reached = await append(pool, ['behind/1', 'behind/2'], 'Behind')
  const later = await append(pool, ['behind/1', 'behind/1', 'behind/2'], 'Behind')
  await append(pool, ['behind/1'], 'Other')
  expect(await readBacklog(pool, beginning, ['Behind'])).toMatchObject({ events: 5 })
  expect((await readBacklog(pool, beginning, ['Behind'])).oldestMs).toBeGreaterThan(0)
  expect(await readBacklog(pool, reached, ['Behind'])).toMatchObject({ events: 3 })
  expect(await readBacklog(pool, later, ['Behind'])).toEqual({ events: 0, oldestMs: 0 })
  await append(
    pool,
    Array.from({ length: MOST_COUNTED + 5 }, () => 'behind/many'),
    'Many',
  )
  expect(await readBacklog(pool, beginning, ['Many'])).toMatchObject({ events: MOST_COUNTED + 1 })
})
