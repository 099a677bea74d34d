import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ConsumerOptions } from '../../test/events/consumer-process.ts'
import { killWhileHandling, loginOf } from '../../test/events/crash.ts'
import { effects, recordEffects } from '../../test/events/effects.ts'
import { append, logDatabase } from '../../test/events/log-database.ts'
import { run, type Running } from '../../test/events/running.ts'
import { systemClock, type Clock } from '../kernel/clock.ts'
import type { TestDatabase } from '../testing/database.ts'

let db: TestDatabase
let pool: TestDatabase['database']['pool']

beforeAll(async () => {
  db = await logDatabase()
  pool = db.database.pool
})
afterAll(() => db[Symbol.asyncDispose]())

const streams = (name: string, count: number) => Array.from({ length: count }, (_, i) => `${name}/${i}`)
const beats = { leaseMs: 250 }

describe.each(['batch', 'each'] as const)('effects of a subscription that handles %s', (kind) => {
  test('happen once, in order, though its processes are killed while they handle', async () => {
    const name = `killed-${kind}`
    const keys = streams(name, 30)
    for (let version = 0; version < 10; version++) await append(pool, keys)
    const options: ConsumerOptions = { login: loginOf(pool), subscription: name, kind, leaseMs: 250 }
    for (const after of [1, 17, 60, 40]) await killWhileHandling('consumer-process.ts', options, after)
    await using subscription = await run(pool, name, recordEffects(pool, kind, name), { beats })
    await subscription.quiet()
    const seen = await effects(pool, name)
    for (const key of keys) expect(seen[key]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  })

  test('happen once though a process is paused past its lease', async () => {
    const name = `paused-${kind}`
    const keys = streams(name, 10)
    const paused = Promise.withResolvers<void>()
    const handling = Promise.withResolvers<void>()
    const late = recordEffects(pool, kind, name, async () => {
      handling.resolve()
      await paused.promise
    })
    // its leases are never renewed
    const still: Clock = { ...systemClock, wait: (_ms, signal) => new Promise((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true })) }
    await using sleeper = await run(pool, name, late, { beats: { ...beats, clock: still } })
    await append(pool, keys)
    await handling.promise
    await using heir = await run(pool, name, recordEffects(pool, kind, name), { beats })
    await append(pool, keys)
    await heir.quiet()
    paused.resolve()
    await expect.poll(() => sleeper.status().partitions.every((partition) => partition.queued === 0)).toBe(true)
    const seen = await effects(pool, name)
    for (const key of keys) expect(seen[key]).toEqual([1, 2])
  })

  test('happen once while replicas come and go', async () => {
    const name = `moving-${kind}`
    const keys = streams(name, 40)
    const handler = recordEffects(pool, kind, name)
    const running: Running[] = []
    for (let round = 0; round < 8; round++) {
      await append(pool, keys)
      if (round % 3 === 2) await running.shift()![Symbol.asyncDispose]()
      else running.push(await run(pool, name, handler, { beats }))
      await running.at(-1)!.quiet()
    }
    await append(pool, keys)
    for (const one of running) await one.quiet()
    const seen = await effects(pool, name)
    for (const key of keys) expect(seen[key]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
    await Promise.all(running.map((one) => one[Symbol.asyncDispose]()))
  })
})
