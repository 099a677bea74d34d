import { describe, expect, test } from 'vitest'
import { answer, behind, edgeRequest, identity, type Asked, type Origin } from '../../../test/http-cache/edge.ts'
import { steppedTime } from '../../../test/http-cache/stepped-time.ts'
import { BanyanError } from '../../kernel/errors.ts'
import { digestOf } from './answer-store.ts'
import type { Fields } from './fields.ts'
import { httpCache, type HttpCacheOptions } from './http-cache.ts'
import type { RouteCaching } from './settings.ts'

function running(origin: Origin, caching: Partial<RouteCaching> = {}, options: HttpCacheOptions = {}) {
  const time = steppedTime()
  const cache = httpCache({ clock: time, ...options })
  return { time, cache, ...behind(cache.policy(caching), origin) }
}

/** An origin whose answers all have these fields and the number of the request as body. */
function counting(headers: Fields, status = 200): Origin {
  let count = 0
  return async () => answer(headers, `answer ${++count}`, status)
}

describe('Cache-Status (RFC 9211)', () => {
  test('says what happened, and why', async () => {
    const { ask, time } = running(counting({ 'cache-control': 'max-age=60', vary: 'x' }))
    expect((await ask('/a')).cache).toBe('banyan; fwd=uri-miss; fwd-status=200; ttl=60; stored')
    time.step(5_000)
    expect((await ask('/a')).cache).toBe('banyan; hit; ttl=55')
    expect((await ask('/a', { headers: { x: '1' } })).cache).toBe('banyan; fwd=vary-miss; fwd-status=200; ttl=60; stored')
    expect((await ask('/a', { headers: { 'cache-control': 'no-cache' } })).cache).toBe('banyan; fwd=request; fwd-status=200; ttl=60; stored')
    time.step(60_000)
    expect((await ask('/a')).cache).toBe('banyan; fwd=stale; fwd-status=200; ttl=60; stored')
    expect((await ask('/a', { headers: { 'if-match': '"a"' } })).cache).toBe('banyan; fwd=bypass')
    expect((await ask('/a', { method: 'POST' })).cache).toBe('banyan; fwd=method')
  })

  test('stands behind those of caches nearer to the origin, and names what was not stored', async () => {
    const { ask } = running(counting({ 'cache-control': 'private', 'cache-status': 'inner; hit' }))
    expect((await ask('/a')).cache).toBe('inner; hit, banyan; fwd=uri-miss; fwd-status=200; detail="private"')
  })

  test('only-if-cached is answered 504 where nothing is', async () => {
    const { ask, seen } = running(counting({ 'cache-control': 'max-age=60' }))
    const headers = { 'cache-control': 'only-if-cached' }
    expect(await ask('/a', { headers })).toMatchObject({ status: 504, cache: 'banyan; detail="only-if-cached"' })
    await ask('/a')
    expect(await ask('/a', { headers })).toMatchObject({ status: 200, text: 'answer 1' })
    expect(seen).toHaveLength(1)
  })
})

describe('validation (RFC 9111 §4.3)', () => {
  const validated: Origin = async ({ headers }) =>
    headers['if-none-match'] === '"1"'
      ? { status: 304, headers: { etag: '"1"', 'cache-control': 'max-age=9', x: 'new' }, body: undefined }
      : answer({ etag: '"1"', 'cache-control': 'max-age=5', x: 'old' })

  test('a 304 freshens what is stored', async () => {
    const { ask, time, seen, cache } = running(validated)
    await ask('/a')
    time.step(6_000)
    expect(await ask('/a')).toMatchObject({ status: 200, text: 'body', headers: { x: 'new' }, cache: 'banyan; fwd=stale; fwd-status=304; ttl=9; stored' })
    time.step(8_000)
    expect(await ask('/a')).toMatchObject({ headers: { x: 'new', age: '8' }, cache: 'banyan; hit; ttl=1' })
    expect(seen).toHaveLength(2)
    expect(cache.status()).toMatchObject({ validated: 1, hits: 1, misses: 2, answers: 1 })
  })

  test('a client that has it already gets 304, though the origin was asked for the whole', async () => {
    const { ask, seen } = running(validated)
    const headers = { 'if-none-match': '"1"' }
    expect(await ask('/a', { headers })).toMatchObject({ status: 304, text: '' })
    expect(await ask('/a', { headers })).toMatchObject({ status: 304, cache: 'banyan; hit; ttl=5' })
    expect(await ask('/a')).toMatchObject({ status: 200, text: 'body' })
    expect(seen.map((request) => request.headers['if-none-match'])).toEqual([undefined])
  })

  test('a 304 that makes the answer private ends what was stored', async () => {
    let now = 'max-age=5'
    const { ask, time, cache } = running(async ({ headers }) => {
      if (headers['if-none-match'] === undefined) return answer({ etag: '"1"', 'cache-control': now })
      return { status: 304, headers: { 'cache-control': now }, body: undefined }
    })
    await ask('/a')
    time.step(6_000)
    now = 'private'
    expect((await ask('/a')).cache).toBe('banyan; fwd=stale; fwd-status=304; detail="private"')
    expect(cache.status().answers).toBe(0)
  })

  test('a 304 about another representation is not believed', async () => {
    const { ask, time, seen } = running(async ({ headers }) =>
      headers['if-none-match'] === undefined
        ? answer({ etag: '"1"', 'cache-control': 'max-age=5' })
        : { status: 304, headers: { etag: '"2"' }, body: undefined },
    )
    await ask('/a')
    time.step(6_000)
    expect(await ask('/a')).toMatchObject({ status: 200, text: 'body' })
    expect(seen).toHaveLength(3)
  })

  test('§4.3.5: a HEAD freshens the answer to GET, or ends it', async () => {
    let etag = '"1"'
    const { ask, time, seen } = running(async ({ method }) => ({
      status: 200,
      headers: { etag, 'cache-control': 'max-age=5' },
      body: method === 'HEAD' ? undefined : Buffer.from('body'),
    }))
    await ask('/a')
    expect(await ask('/a', { method: 'HEAD' })).toMatchObject({ status: 200, text: '', headers: { 'content-length': '4' }, cache: 'banyan; hit; ttl=5' })
    time.step(6_000)
    await ask('/a', { method: 'HEAD' })
    expect((await ask('/a')).cache).toBe('banyan; hit; ttl=5')
    time.step(6_000)
    etag = '"2"'
    await ask('/a', { method: 'HEAD' })
    expect((await ask('/a')).cache).toMatch(/uri-miss/)
    expect(seen.map(({ method }) => method)).toEqual(['GET', 'HEAD', 'HEAD', 'GET'])
  })
})

test('parts are served from the whole, and passed through where there is none', async () => {
  const { ask, seen } = running(async ({ headers }) =>
    headers.range === undefined
      ? answer({ 'cache-control': 'max-age=60' }, '0123456789')
      : answer({ 'cache-control': 'max-age=60', 'content-range': 'bytes 2-4/10' }, '234', 206),
  )
  const headers = { range: 'bytes=2-4' }
  expect(await ask('/a', { headers })).toMatchObject({ status: 206, cache: 'banyan; fwd=uri-miss; detail="range"' })
  await ask('/a')
  expect(await ask('/a', { headers })).toMatchObject({ status: 206, text: '234', headers: { 'content-range': 'bytes 2-4/10', 'content-length': '3' } })
  expect(await ask('/a', { headers: { range: 'bytes=10-' } })).toMatchObject({ status: 416, text: '', headers: { 'content-range': 'bytes */10' } })
  expect(seen).toHaveLength(2)
})

describe('stale answers (RFC 5861)', () => {
  test('stale-while-revalidate: who comes meanwhile does not wait, and the origin is asked once', async () => {
    const gates: PromiseWithResolvers<void>[] = []
    let count = 0
    const { ask, time, seen } = running(async () => {
      const gate = Promise.withResolvers<void>()
      gates.push(gate)
      if (count > 0) await gate.promise
      return answer({ 'cache-control': 'max-age=5, stale-while-revalidate=10' }, `answer ${++count}`)
    })
    await ask('/a')
    time.step(6_000)
    for (const one of await Promise.all([ask('/a'), ask('/a'), ask('/a')])) expect(one).toMatchObject({ text: 'answer 1', cache: 'banyan; hit; ttl=-1' })
    expect(seen).toHaveLength(2)
    gates[1]!.resolve()
    await expect.poll(async () => (await ask('/a')).cache).toBe('banyan; hit; ttl=5')
    expect((await ask('/a')).text).toBe('answer 2')
  })

  test('a renewal that fails is counted, and the next one is tried', async () => {
    let fails = false
    const { ask, time, cache } = running(async () => {
      if (fails) throw new BanyanError('unavailable', 'the origin is away')
      return answer({ 'cache-control': 'max-age=5, stale-while-revalidate=10' })
    })
    await ask('/a')
    time.step(6_000)
    fails = true
    await ask('/a')
    await expect.poll(() => cache.status()).toMatchObject({ renewalsFailed: 1, filling: 0 })
    await ask('/a')
    await expect.poll(() => cache.status()).toMatchObject({ renewalsFailed: 2, filling: 0 })
  })

  test.each([
    ['fails', () => Promise.reject(new BanyanError('unavailable', 'the origin is away'))],
    ['answers 503', async () => answer({}, 'trouble', 503)],
    ['breaks off', () => Promise.reject(new Error('ECONNRESET'))],
  ])('stale-if-error: the stored answer stands in when the origin %s', async (_how, trouble) => {
    let origin: Origin = counting({ 'cache-control': 'max-age=5, stale-if-error=10' })
    const { ask, time } = running((request) => origin(request))
    await ask('/a')
    origin = trouble
    time.step(14_000)
    const instead = await Promise.all([ask('/a'), ask('/a')])
    for (const one of instead) expect(one).toMatchObject({ status: 200, text: 'answer 1', cache: expect.stringMatching(/ttl=-9; detail="stale-if-error"/) })
    time.step(1_000)
    expect(await ask('/a').catch(() => ({ text: 'refused' }))).not.toMatchObject({ text: 'answer 1' })
  })

  test('stale-if-error does not let in who is refused', async () => {
    let origin: Origin = counting({ 'cache-control': 'max-age=5, stale-if-error=10' })
    const { ask, time } = running((request) => origin(request))
    await ask('/a')
    time.step(6_000)
    origin = () => Promise.reject(new BanyanError('forbidden', 'not for you'))
    await expect(ask('/a')).rejects.toThrow('not for you')
  })
})

describe('invalidation (RFC 9111 §4.4)', () => {
  test('an unsafe request ends what is stored of its resource and of those that the answer names on the same host', async () => {
    const { ask, cache } = running(async ({ method }) =>
      method === 'GET' ? answer({ 'cache-control': 'max-age=60' }) : answer({ location: '/b?x=1', 'content-location': 'http://example.com/dir/../c' }, '', 201),
    )
    for (const url of ['/a', '/b?x=1', '/c', '/d']) await ask(url)
    await ask('/a', { method: 'POST', route: 'another route' })
    expect(await Promise.all(['/a', '/b?x=1', '/c', '/d'].map(async (url) => (await ask(url)).cache.includes('hit')))).toEqual([false, false, false, true])
    expect(cache.status().invalidated).toBe(3)
  })

  test('not when it failed, and not on another host', async () => {
    const { ask } = running(async ({ method, headers }) =>
      method === 'GET' ? answer({ 'cache-control': 'max-age=60' }) : answer({ location: 'http://other.example/b' }, '', Number(headers['x-status'])),
    )
    await ask('/a')
    await ask('/b', { headers: { host: 'other.example' } })
    await ask('/a', { method: 'PUT', headers: { 'x-status': '500' } })
    expect((await ask('/a')).cache).toMatch(/hit/)
    await ask('/a', { method: 'PUT', headers: { 'x-status': '200' } })
    expect((await ask('/a')).cache).toMatch(/uri-miss/)
    expect((await ask('/b', { headers: { host: 'other.example' } })).cache).toMatch(/hit/)
  })

  test.each<[string, (cache: ReturnType<typeof httpCache>, ask: (url: string, asked?: Asked) => Promise<unknown>) => Promise<unknown>]>([
    ['an unsafe request', (_cache, ask) => ask('/a', { method: 'DELETE' })],
    ['a purge of its URL', (cache) => cache.purge({ urls: ['example.com/a'] })],
    ['a purge of its digest', (cache) => cache.purge({ digests: [digestOf('example.com/a')] }, 'told')],
    ['a purge of its tag', (cache) => cache.purge({ tags: ['t'] })],
    ['a purge of all', (cache) => cache.purge({ all: true })],
  ])('an answer that was on its way during %s is not kept', async (_what, during) => {
    const gate = Promise.withResolvers<void>()
    let count = 0
    const { ask, cache, seen } = running(async ({ method }) => {
      if (method === 'DELETE') return answer({})
      const body = `answer ${++count}`
      await gate.promise
      return answer({ 'cache-control': 'max-age=60', 'cache-tag': 't' }, body)
    })
    const early = ask('/a')
    await during(cache, ask)
    const late = ask('/a')
    gate.resolve()
    expect([(await early).text, (await late).text]).toEqual(['answer 1', 'answer 2'])
    expect(await ask('/a')).toMatchObject({ text: 'answer 2', cache: 'banyan; hit; ttl=60' })
    expect(seen.filter(({ method }) => method === 'GET')).toHaveLength(2)
  })

  test('tags find answers of all routes, and others are told of what began here', async () => {
    const told: unknown[] = []
    const { ask, cache } = running(
      async ({ path }) => answer({ 'cache-control': 'max-age=60', 'surrogate-key': `all page:${path.slice(1)}` }),
      {},
      { purged: (purge) => told.push(purge) },
    )
    for (const url of ['/a', '/b']) await ask(url)
    expect(await cache.purge({ tags: ['page:a'] })).toBe(1)
    expect(await cache.purge({ tags: ['all'] }, 'told')).toBe(1)
    expect(told).toEqual([{ tags: ['page:a'] }])
  })
})

test('routes do not share answers, nor do hosts or queries', async () => {
  const { ask, seen } = running(counting({ 'cache-control': 'max-age=60' }))
  for (const [url, asked] of [
    ['/a', {}],
    ['/a', { route: 'two' }],
    ['/a', { headers: { host: 'b' } }],
    ['/a?b', {}],
    ['/a', { headers: { host: 'EXAMPLE.com' } }],
  ] as const)
    await ask(url, asked)
  expect(seen).toHaveLength(4)
})

test('clients may be kept from asking past the cache', async () => {
  const { ask, seen } = running(counting({ 'cache-control': 'max-age=60' }), { requests: 'ignore' })
  await ask('/a')
  for (const said of ['no-cache', 'max-age=0', 'min-fresh=100']) await ask('/a', { headers: { 'cache-control': said } })
  expect(seen).toHaveLength(1)
})

test('stripped of its cookies an answer may be kept; who asked first gets them', async () => {
  const { ask, seen } = running(counting({ 'cache-control': 'max-age=60', 'set-cookie': ['a=b'] }), { setCookie: 'strip' })
  expect((await ask('/a')).headers['set-cookie']).toEqual(['a=b'])
  expect((await ask('/a')).headers['set-cookie']).toBeUndefined()
  expect(seen).toHaveLength(1)
})

test('what is known of the client by other means than Authorization keeps an answer private too', async () => {
  const { ask, seen } = running(counting({ 'cache-control': 'max-age=60' }))
  for (const who of ['ada', 'bob']) await ask('/a', { identity: identity(who) })
  expect(seen).toHaveLength(2)
})

test('a request is handed on with the signal of the fill, not of its client', async () => {
  const client = new AbortController()
  const cache = httpCache()
  await cache.policy()(edgeRequest('/a', { signal: client.signal }), async (request) => {
    expect(request.signal()).not.toBe(client.signal)
    return answer({})
  })
})
