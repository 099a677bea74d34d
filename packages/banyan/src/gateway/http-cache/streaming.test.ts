import { once } from 'node:events'
import { PassThrough, Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { behind, heard } from '../../../test/http-cache/edge.ts'
import type { EdgeAnswer } from '../exchange.ts'
import type { Fields } from './fields.ts'
import { httpCache, type HttpCacheOptions } from './http-cache.ts'
import { memoryStore } from './memory-store.ts'
import type { RouteCaching } from './settings.ts'

/** A cache before an origin whose bodies the test writes, one after the other. */
function streaming(headers: Fields = { 'cache-control': 'max-age=60' }, caching: Partial<RouteCaching> = {}, options: HttpCacheOptions = {}) {
  const bodies: PassThrough[] = []
  const cache = httpCache(options)
  const client = behind(cache.policy(caching), async () => {
    const body = new PassThrough()
    bodies.push(body)
    return { status: 200, headers, body }
  })
  return { ...client, cache, bodies }
}

function body(answer: EdgeAnswer): Readable {
  expect(answer.body).toBeInstanceOf(Readable)
  return answer.body as Readable
}

async function nextChunk(stream: Readable): Promise<string> {
  const before = stream.read() as Buffer | null
  if (before !== null) return before.toString()
  await once(stream, 'readable')
  return nextChunk(stream)
}

describe('bodies on their way', () => {
  test('the first client reads while the body comes, and others join in from its beginning', async () => {
    const { open, ask, bodies, seen } = streaming()
    const first = body(await open('/a'))
    bodies[0]!.write('one ')
    expect(await nextChunk(first)).toBe('one ')
    const second = await open('/a')
    expect(second.headers['cache-status']).toMatch(/^banyan; fwd=uri-miss; fwd-status=200; ttl=(60|59); collapsed$/)
    expect(await nextChunk(body(second))).toBe('one ')
    bodies[0]!.end('two')
    expect((await buffer(first)).toString()).toBe('two')
    expect((await buffer(body(second))).toString()).toBe('two')
    await expect.poll(async () => (await ask('/a')).cache).toMatch(/hit/)
    expect(await ask('/a')).toMatchObject({ text: 'one two', headers: { 'content-length': '7' } })
    expect(seen).toHaveLength(1)
  })

  test('a body that breaks off breaks off for everybody and is not kept', async () => {
    const { open, bodies, cache } = streaming()
    const clients = [body(await open('/a')), body(await open('/a'))].map((one) => buffer(one))
    bodies[0]!.write('half')
    bodies[0]!.destroy(new Error('ECONNRESET'))
    expect((await Promise.allSettled(clients)).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(cache.status()).toMatchObject({ stored: 0, answers: 0, filling: 0 })
  })

  test.each([
    ['shorter', 'half'],
    ['longer', 'more than ten'],
  ])('a body that is %s than was said is not kept', async (_what, text) => {
    const { open, bodies, cache } = streaming({ 'cache-control': 'max-age=60', 'content-length': '10' })
    const client = buffer(body(await open('/a')))
    bodies[0]!.end(text)
    await expect(client).rejects.toThrow('Content-Length says 10')
    expect(cache.status()).toMatchObject({ stored: 0, answers: 0, filling: 0 })
  })

  test('a client that leaves does not end the body of another, and the last one does', async () => {
    const { open, bodies, cache } = streaming()
    const [first, second] = [body(await open('/a')), body(await open('/a'))]
    bodies[0]!.write('one ')
    first.destroy()
    await once(first, 'close')
    bodies[0]!.write('two ')
    expect(await nextChunk(second)).toMatch(/^one /)
    expect(bodies[0]!.destroyed).toBe(false)
    second.destroy()
    await once(bodies[0]!, 'close')
    await expect.poll(() => cache.status()).toMatchObject({ stored: 0, filling: 0 })
  })

  test('a client whose signal is aborted has left', async () => {
    const { open, bodies } = streaming()
    const client = new AbortController()
    body(await open('/a', { signal: client.signal }))
    client.abort()
    await once(bodies[0]!, 'close')
    expect(bodies[0]!.destroyed).toBe(true)
  })

  test('a client that has the answer already does not keep it from being stored for others', async () => {
    const { ask, bodies, cache } = streaming({ 'cache-control': 'max-age=60', etag: '"a"' })
    expect(await ask('/a', { headers: { 'if-none-match': '"a"' } })).toMatchObject({ status: 304 })
    bodies[0]!.end('body')
    await expect.poll(() => cache.status().stored).toBe(1)
    expect((await ask('/a')).text).toBe('body')
  })

  test('what nobody may have but who asked ends when it is not wanted', async () => {
    const { ask, bodies } = streaming({ 'cache-control': 'private', etag: '"a"' })
    expect(await ask('/a', { headers: { 'if-none-match': '"a"' } })).toMatchObject({ status: 304 })
    expect(bodies[0]!.destroyed).toBe(true)
  })
})

describe('bodies too large to keep', () => {
  const chunk = Buffer.alloc(16 * 1024, 'x')
  const large = (count: number): Readable => Readable.from(Array.from({ length: count }, () => chunk))

  test('are streamed through, at the pace of the slowest reader', async () => {
    let given = 0
    const cache = httpCache()
    const client = behind(cache.policy({ largest: 64 * 1024 }), async () => ({
      status: 200,
      headers: { 'cache-control': 'max-age=60' },
      body: Readable.from(
        (function* () {
          for (; given < 200; given++) yield chunk
        })(),
      ),
    }))
    const [fast, slow] = [body(await client.open('/a')), body(await client.open('/a'))]
    const whole = buffer(fast)
    await expect.poll(() => given).toBeGreaterThan(4)
    const behindSlow = given
    expect(behindSlow).toBeLessThan(100)
    expect((await buffer(slow)).length).toBe(200 * chunk.length)
    expect((await whole).length).toBe(200 * chunk.length)
    expect(cache.status()).toMatchObject({ stored: 0, answers: 0, filling: 0 })
  })

  test('are asked for anew by who comes when their beginning is gone', async () => {
    const cache = httpCache()
    const { open, seen } = behind(cache.policy({ largest: 64 * 1024 }), async () => ({
      status: 200,
      headers: { 'cache-control': 'max-age=60' },
      body: large(100),
    }))
    const first = body(await open('/a'))
    for (let read = 0; read < 20 * chunk.length; read += (await nextChunk(first)).length);
    const second = heard(await open('/a'))
    expect((await second).text.length).toBe(100 * chunk.length)
    expect(seen).toHaveLength(2)
    first.destroy()
    await expect.poll(() => cache.status().filling).toBe(0)
  })

  test('are known by their Content-Length and pass untouched', async () => {
    const { open, bodies } = streaming({ 'cache-control': 'max-age=60', 'content-length': '100000' }, { largest: 1_000 })
    expect((await open('/a')).body).toBe(bodies[0])
  })

  test('bodies that come at the same time have one budget', async () => {
    const { open, bodies, cache } = streaming(undefined, undefined, { store: memoryStore(10e6), spoolBytes: 100 })
    const clients = await Promise.all(['/a', '/b', '/c'].map((url) => open(url)))
    const texts = clients.map((client) => buffer(body(client)))
    for (const one of bodies) one.write('x'.repeat(40))
    for (const one of bodies) one.end('x'.repeat(5))
    expect((await Promise.all(texts)).map(({ length }) => length)).toEqual([45, 45, 45])
    expect(cache.status()).toMatchObject({ stored: 2, answers: 2, filling: 0 })
    const again = ['/d', '/e'].map((url) => open(url))
    await Promise.all(again)
    for (const one of bodies.slice(3)) one.end('x'.repeat(45))
    // what was taken of the budget has been given back
    await expect.poll(() => cache.status().stored).toBe(4)
  })
})
