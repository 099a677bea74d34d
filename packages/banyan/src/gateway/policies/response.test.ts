import { brotliCompressSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { json, passing } from '../../../test/gateway/pass.ts'

describe('an answer', () => {
  test('gets headers set, added and taken away; cookies stay apart', async () => {
    const pass = passing('[{ response: { headers: { set: { server: banyan }, add: { set-cookie: b=2 }, remove: [X-Powered-By] } } }]', () => ({
      status: 200,
      headers: { server: 'old', 'x-powered-by': 'PHP', 'set-cookie': ['a=1'] },
    }))
    expect((await pass()).headers).toEqual({ server: 'banyan', 'set-cookie': ['a=1', 'b=2'] })
  })

  test('gets its JSON body mapped, and what was said of the bytes is taken away', async () => {
    const pass = passing(
      '[{ response: { body: { each: /items, pick: [/id], set: { /kind: item } } } }]',
      json({ items: [{ id: 1, secret: 2 }] }, { etag: '"x"' }),
    )
    const { headers, body, asked } = await pass({ headers: { 'accept-encoding': 'br', range: 'bytes=0-1' } })
    expect(JSON.parse(body)).toEqual({ items: [{ id: 1, kind: 'item' }] })
    expect(headers).toEqual({ 'content-type': 'application/json', 'content-length': String(body.length), etag: 'W/"x"' })
    expect(asked!.headers).toEqual({ 'accept-encoding': 'identity' })
  })

  test.each([
    ['gzip', gzipSync('{"a":1}')],
    ['br', brotliCompressSync('{"a":1}')],
  ])('that comes as %s all the same is unfolded', async (coding, body) => {
    const pass = passing('[{ response: { body: { set: { /b: 2 } } } }]', () => ({
      status: 200,
      headers: { 'content-type': 'application/json', 'content-encoding': coding },
      body,
    }))
    const answer = await pass()
    expect(answer.body).toBe('{"a":1,"b":2}')
    expect(answer.headers['content-encoding']).toBeUndefined()
  })

  test('of a list without a name is mapped element by element', async () => {
    const pass = passing('[{ response: { body: { each: "", remove: [/b] } } }]', json([{ a: 1, b: 2 }, 3]))
    expect((await pass()).body).toBe('[{"a":1},3]')
  })

  test.each([
    ['an error', json({ a: 1 }, {}, 404), {}],
    ['an answer that is no JSON', () => ({ status: 200, headers: { 'content-type': 'text/html' }, body: '{"a":1}' }), {}],
  ])('%s passes as it is', async (_what, upstream, sent) => {
    expect((await passing('[{ response: { body: { set: { /b: 2 } } } }]', upstream)(sent)).body).toBe('{"a":1}')
  })

  test('of HEAD says nothing of the length', async () => {
    const pass = passing('[{ response: { body: { set: { /b: 2 } } } }]', () => ({
      status: 200,
      headers: { 'content-type': 'application/json', 'content-length': '7' },
    }))
    expect((await pass({ method: 'HEAD' })).headers).toEqual({ 'content-type': 'application/json' })
  })

  test('that is too large, also when unfolded, is refused', async () => {
    const large = JSON.stringify('x'.repeat(10_000))
    const settings = '[{ response: { body: { set: { /b: 2 }, limit: 1000 } } }]'
    await expect(passing(settings, json(large))()).rejects.toMatchObject({ code: 'invalid_output' })
    const bomb = () => ({ status: 200, headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' }, body: gzipSync(large) })
    await expect(passing(settings, bomb)()).rejects.toThrow('the answer of the upstream a has more than 1000 bytes')
  })
})
