import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { effects, recordEffects, wrapped } from '../../test/events/effects.ts'
import { append, logDatabase } from '../../test/events/log-database.ts'
import { run, source } from '../../test/events/running.ts'
import { Deadline } from '../kernel/deadline.ts'
import { BanyanError } from '../kernel/errors.ts'
import type { TestDatabase } from '../testing/database.ts'
import { eventLog } from './log.ts'
import { listParked } from './parked.ts'
import { partitionOf } from './partition.ts'
import type { Handled } from './subscription-handler.ts'

let db: TestDatabase
let pool: TestDatabase['database']['pool']

beforeAll(async () => {
  db = await logDatabase()
  pool = db.database.pool
})
afterAll(() => db[Symbol.asyncDispose]())

const streams = (name: string, count: number) => Array.from({ length: count }, (_, i) => `${name}/${i}`)
const heads = async () => (await eventLog(pool).heads()).positions

describe.each(['batch', 'each'] as const)('a failing subscription that handles %s', (kind) => {
  test('parks the key of an event that fails for good, and lets the others flow', async () => {
    const name = `poison-${kind}`
    const [bad, good] = neighbours(name)
    let attempts = 0
    const handler = recordEffects(pool, kind, name, (event) => {
      if (event.stream !== bad || event.version !== 2) return
      attempts++
      throw new Error('cannot read this \u0000')
    })
    await using subscription = await run(pool, name, handler, { attempts: 3 })
    for (let version = 0; version < 4; version++) await append(pool, [bad, good])
    await subscription.quiet()
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
    await using subscription = await run(pool, name, handler, { attempts: 2 })
    await append(pool, [stuck, stuck])
    await append(pool, [free])
    await vi.waitFor(() => expect(subscription.status().partitions[partitionOf(stuck)]!.failures).toBeGreaterThan(5), 60_000)
    await vi.waitFor(async () => expect((await effects(pool, name))[free]).toEqual([1]), 60_000)
    expect(subscription.status().partitions[partitionOf(stuck)]).toMatchObject({ error: { code: 'unavailable' }, queued: 2 })
    await expect(subscription.caughtUp(await heads(), Deadline.in(1))).rejects.toMatchObject({
      code: 'deadline_exceeded',
      message: /the other service is away/,
    })
    broken = false
    await subscription.quiet()
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
    await using subscription = await run(pool, name, handler)
    await subscription.quiet()
    const seen = await effects(pool, name)
    for (const key of streams(name, 10)) expect(seen[key]).toEqual([1, 2])
  })

  test('parks at once what only a newer consumer knows, and resumes by itself when there is one', async () => {
    const name = `newer-${kind}`
    const old = recordEffects(pool, kind, name, (event) => {
      if (event.schema > 1) throw new BanyanError('newer_event', `${event.type} has version ${event.schema}`)
    })
    {
      await using subscription = await run(pool, name, old)
      await append(pool, [name])
      await append(pool, [name], 'Happened', 2)
      await append(pool, [name])
      await subscription.quiet()
      expect((await effects(pool, name))[name]).toEqual([1])
    }
    await using subscription = await run(pool, name, recordEffects(pool, kind, name))
    await vi.waitFor(async () => expect((await effects(pool, name))[name]).toEqual([1, 2, 3]), 60_000)
    await append(pool, [name])
    await subscription.quiet()
    expect((await effects(pool, name))[name]).toEqual([1, 2, 3, 4])
  })
})

/** Two keys of one partition. */
function neighbours(name: string): [string, string] {
  for (let i = 0; ; i++) if (partitionOf(`${name}/${i}`) === partitionOf(name)) return [name, `${name}/${i}`]
}

/** A key of another partition. */
function elsewhere(name: string): string {
  for (let i = 0; ; i++) if (partitionOf(`${name}/${i}`) !== partitionOf(name)) return `${name}/${i}`
}
