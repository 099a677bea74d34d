import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { effects, recordEffects, wrapped } from '../../test/events/effects.ts'
import { append, logDatabase } from '../../test/events/log-database.ts'
import { run, source } from '../../test/events/running.ts'
import type { TestDatabase } from '../testing/database.ts'
import { discardParked, listParked, type ParkedKey } from './parked.ts'
import { retryParked } from './retry-parked.ts'
import type { SubscriptionHandler } from './subscription-handler.ts'

let db: TestDatabase
let pool: TestDatabase['database']['pool']

beforeAll(async () => {
  db = await logDatabase()
  pool = db.database.pool
})
afterAll(() => db[Symbol.asyncDispose]())

const key = (name: string): ParkedKey => ({ subscription: name, source, stream: name })
const attempts = 1

/** A handler that refuses some versions until they are taken out of the set. */
function refusing(kind: SubscriptionHandler['kind'], name: string, versions: Set<number>): SubscriptionHandler {
  return recordEffects(pool, kind, name, ({ stream, version }) => {
    if (stream === name && versions.has(version)) throw new Error(`version ${version} is refused`)
  })
}

describe.each(['batch', 'each'] as const)('parked events of a subscription that handles %s', (kind) => {
  test('are retried in order, then the key flows again', async () => {
    const name = `retried-${kind}`
    const refused = new Set([2, 4])
    const handler = refusing(kind, name, refused)
    await using subscription = await run(pool, name, handler, { attempts })
    for (let i = 0; i < 4; i++) await append(pool, [name])
    await subscription.quiet()
    refused.delete(2)
    expect(await retryParked(pool, key(name), handler)).toEqual({ retried: 2, failure: { message: 'version 4 is refused' } })
    expect(await listParked(pool, key(name))).toMatchObject([{ attempts: 1, event: { version: 4 }, error: { message: 'version 4 is refused' } }])
    await append(pool, [name])
    await subscription.quiet()
    expect((await effects(pool, name))[name], 'the key still waits').toEqual([1, 2, 3])
    refused.clear()
    expect(await retryParked(pool, key(name), handler)).toEqual({ retried: 2 })
    await append(pool, [name])
    await subscription.quiet()
    expect((await effects(pool, name))[name]).toEqual([1, 2, 3, 4, 5, 6])
    const { rows } = await pool.query('select from banyan_subscriptions where subscription like $1', [`${name} parked%`])
    expect(rows).toEqual([])
  })

  test('have their effects once though the retry dies after a commit', async () => {
    const name = `died-${kind}`
    const refused = new Set([1])
    await using subscription = await run(pool, name, refusing(kind, name, refused), { attempts })
    for (let i = 0; i < 3; i++) await append(pool, [name])
    await subscription.quiet()
    refused.clear()
    const inner = refusing(kind, name, refused)
    const dying = wrapped(inner, async (commit) => {
      await commit
      throw new Error('the process ends here')
    })
    expect(await retryParked(pool, key(name), dying)).toMatchObject({ retried: 0, failure: { message: 'the process ends here' } })
    expect(await retryParked(pool, key(name), inner)).toEqual({ retried: 2 })
    expect((await effects(pool, name))[name]).toEqual([1, 2, 3])
  })

  test('keep their order while events of the key go on coming', async () => {
    const name = `coming-${kind}`
    const refused = new Set([1])
    const handler = refusing(kind, name, refused)
    await using subscription = await run(pool, name, handler, { attempts })
    for (let i = 0; i < 5; i++) await append(pool, [name])
    await subscription.quiet()
    refused.clear()
    const appending = (async () => {
      for (let i = 5; i < 40; i++) await append(pool, [name])
    })()
    const draining = (async () => {
      while ((await listParked(pool, key(name), 1)).length > 0) await retryParked(pool, key(name), handler)
    })()
    await Promise.all([appending, draining])
    await subscription.quiet()
    while ((await retryParked(pool, key(name), handler)).retried > 0);
    expect((await effects(pool, name))[name]).toEqual(Array.from({ length: 40 }, (_, i) => i + 1))
  })

  test('can be dropped one by one or all together', async () => {
    const name = `dropped-${kind}`
    const handler = refusing(kind, name, new Set([1]))
    await using subscription = await run(pool, name, handler, { attempts })
    for (let i = 0; i < 4; i++) await append(pool, [name])
    await subscription.quiet()
    expect(await discardParked(pool, key(name), 'first')).toBe(1)
    expect((await listParked(pool, key(name))).map(({ event }) => event.version)).toEqual([2, 3, 4])
    expect(await discardParked(pool, key(name), 'all')).toBe(3)
    expect(await retryParked(pool, key(name), handler)).toEqual({ retried: 0 })
    await append(pool, [name])
    await subscription.quiet()
    expect((await effects(pool, name))[name]).toEqual([5])
  })
})

test('a second retry of a key takes over from the first', async () => {
  const name = 'taken-over'
  await using subscription = await run(pool, name, refusing('each', name, new Set([1])), { attempts })
  await append(pool, [name])
  await subscription.quiet()
  const begun = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  const slow = recordEffects(pool, 'each', name, async () => {
    begun.resolve()
    await goOn.promise
  })
  const first = retryParked(pool, key(name), slow)
  await begun.promise
  expect(await retryParked(pool, key(name), recordEffects(pool, 'each', name))).toEqual({ retried: 1 })
  goOn.resolve()
  await expect(first).rejects.toMatchObject({ code: 'lease_lost' })
  expect((await effects(pool, name))[name]).toEqual([1])
})
