import { describe, expect, test } from 'vitest'
import { answer, behind, type Origin } from '../../../test/http-cache/edge.ts'
import { BanyanError } from '../../kernel/errors.ts'
import { httpCache } from './http-cache.ts'

function running(origin: Origin) {
  const cache = httpCache()
  return { cache, ...behind(cache.policy(), origin) }
}

/** An origin whose answers all may be shared and have the number of the request as body. */
function counting(): Origin {
  let count = 0
  return async () => answer({ 'cache-control': 'max-age=60' }, `answer ${++count}`)
}

describe('collapsing', () => {
  /** An origin that answers when told, to each request what `reply` makes of it. */
  function gated(reply: Origin) {
    const gate = Promise.withResolvers<void>()
    const origin: Origin = async (request) => {
      await gate.promise
      return reply(request)
    }
    return { origin, open: () => gate.resolve() }
  }

  test('a thousand who ask the same at once cost one question to the origin', async () => {
    const { origin, open } = gated(counting())
    const { ask, seen, cache } = running(origin)
    const all = Promise.all(Array.from({ length: 1_000 }, () => ask('/a')))
    open()
    const texts = new Set((await all).map(({ text }) => text))
    expect([...texts]).toEqual(['answer 1'])
    expect(seen).toHaveLength(1)
    expect(cache.status()).toMatchObject({ misses: 1_000, collapsed: 999, filling: 0 })
  })

  test('when the answer is private, each asks in their own name, and then nobody waits any more', async () => {
    const { origin, open } = gated(async ({ headers }) => answer({ 'cache-control': 'private, max-age=60' }, String(headers['x-user'])))
    const { ask, seen, cache } = running(origin)
    const users = Array.from({ length: 20 }, (_, index) => `user ${index}`)
    const all = Promise.all(users.map((user) => ask('/a', { headers: { 'x-user': user } })))
    open()
    expect((await all).map(({ text }) => text)).toEqual(users)
    expect(seen).toHaveLength(20)
    expect(cache.status()).toMatchObject({ stored: 0, collapsed: 0, answers: 0 })
  })

  test('variants are told apart, and each is asked for once when that is known', async () => {
    const { ask, seen } = running(async ({ headers }) => answer({ 'cache-control': 'max-age=60', vary: 'x' }, String(headers['x'])))
    const asked = Array.from({ length: 30 }, (_, index) => ({ headers: { x: String(index % 3) } }))
    const first = await Promise.all(asked.map((one) => ask('/a', one)))
    expect(first.map(({ text }) => text)).toEqual(asked.map(({ headers }) => headers.x))
    expect(seen.length).toBeLessThanOrEqual(1 + 20)
    seen.length = 0
    await Promise.all(asked.map((one) => ask('/a', { headers: { x: `${one.headers.x} later` } })))
    expect(seen).toHaveLength(3)
  })

  test('the first client may leave, and the answer still comes for the others; it ends with the last', async () => {
    const signals: AbortSignal[] = []
    const { origin, open } = gated(counting())
    const { ask } = running((request) => {
      signals.push(request.signal())
      return origin(request)
    })
    const [leaver, other] = [new AbortController(), new AbortController()]
    const first = ask('/a', { signal: leaver.signal })
    const second = ask('/a', { signal: other.signal })
    const third = ask('/b', { signal: leaver.signal })
    leaver.abort()
    await expect(first).rejects.toMatchObject({ code: 'cancelled' })
    await expect(third).rejects.toMatchObject({ code: 'cancelled' })
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, true])
    open()
    expect((await second).text).toBe('answer 1')
  })

  test('the failure of an origin is everybody’s, a refusal is one client’s own', async () => {
    const away = gated(() => Promise.reject(new BanyanError('unavailable', 'away')))
    const broken = running(away.origin)
    const failed = Promise.allSettled(Array.from({ length: 10 }, () => broken.ask('/a')))
    away.open()
    expect((await failed).map(({ status }) => status)).toEqual(Array(10).fill('rejected'))
    expect(broken.seen).toHaveLength(1)

    const door = gated(async ({ headers }) => {
      if (headers.authorization === undefined) throw new BanyanError('unauthenticated', 'log in')
      return answer({ 'cache-control': 'public, max-age=60' })
    })
    const guarded = running(door.origin)
    const [stranger, friend] = [guarded.ask('/a'), guarded.ask('/a', { headers: { authorization: 'x' } })]
    door.open()
    await expect(stranger).rejects.toThrow('log in')
    expect((await friend).text).toBe('body')
  })

  test('who asks for news does not get an answer that was asked for before', async () => {
    const { origin, open } = gated(counting())
    const { ask, seen } = running(origin)
    const both = [ask('/a'), ask('/a', { headers: { 'cache-control': 'no-store' } })]
    open()
    expect((await Promise.all(both)).map(({ text }) => text)).toEqual(['answer 1', 'answer 2'])
    expect(seen).toHaveLength(2)
  })
})
