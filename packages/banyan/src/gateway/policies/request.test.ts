import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { passing } from '../../../test/gateway/pass.ts'

describe('a request', () => {
  test('gets headers set, added and taken away', async () => {
    const pass = passing('[{ request: { headers: { set: { X-A: 1, x-b: new }, add: { X-C: more, x-d: first }, remove: [X-Gone] } } }]')
    const { asked } = await pass({ headers: { 'x-b': 'old', 'x-c': 'some', 'x-gone': 'here', accept: 'text/plain' } })
    expect(asked!.headers).toEqual({ 'x-a': '1', 'x-b': 'new', 'x-c': 'some, more', 'x-d': 'first', accept: 'text/plain' })
  })

  test('keeps what of its query is not named, as it was written', async () => {
    const pass = passing('[{ request: { query: { set: { key: "a b", on: true }, remove: [secret] } } }]')
    const { asked } = await pass({ query: 'q=%20x&secret=1&s%65cret=2&key=old&empty' })
    expect(asked!.query).toBe('q=%20x&empty&key=a%20b&on=true')
  })

  test.each([
    ['/api/:id', '/v2/items/:id', '/api/7', '/v2/items/7'],
    ['/api/:id', '/:id', '/api/a%2Fb', '/a%2Fb'],
    ['/api/*', '/*', '/api/a/b', '/a/b'],
    ['/api/*', '/*', '/api', '/'],
    ['/api/*', '/*', '/api//evil.example/x/', '/evil.example/x/'],
    ['/api/*', '/v2/*', '/other', '/other'],
    ['/a/:x/:y', '/:y/:x', '/a/1/2', '/2/1'],
  ])('of %s as %s goes from %s to %s', async (from, to, path, becomes) => {
    const { asked } = await passing(`[{ request: { path: { from: '${from}', to: '${to}' } } }]`)({ path })
    expect(asked!.path).toBe(becomes)
  })

  test('takes parameters from the path of its route', async () => {
    const { asked } = await passing("[{ request: { path: '/items/:id' } }]")({ route: '/api/:id', path: '/api/7' })
    expect(asked!.path).toBe('/items/7')
    await expect(passing("[{ request: { path: '/items/:no' } }]")({ route: '/api/:id', path: '/api/7' })).rejects.toThrow(
      "the path '/items/:no' of a policy takes ':no' from the path of its route, which has :id",
    )
  })

  test('gets its JSON body mapped', async () => {
    const pass = passing('[{ request: { body: { pick: [/name, /a/b], rename: { /name: /customer/name }, remove: [/a/b/0], set: { /source: web } } } }]')
    const { asked } = await pass({
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: '{"name":"Ada","a":{"b":[1,2]},"c":3}',
    })
    expect(JSON.parse(asked!.text)).toEqual({ a: { b: [2] }, customer: { name: 'Ada' }, source: 'web' })
    expect(asked!.headers['content-length']).toBe(String(asked!.text.length))
  })

  test('is mapped when it is compressed, and kept when it is no JSON', async () => {
    const pass = passing('[{ request: { body: { set: { /x: 1 } } } }]')
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' }
    const { asked } = await pass({ headers, body: gzipSync('{}') })
    expect(asked).toMatchObject({ text: '{"x":1}', headers: { 'content-type': 'application/json', 'content-length': '7' } })
    await expect(pass({ headers, body: '{}' })).rejects.toThrow('the body says that it is gzip and is not')
    expect((await pass({ headers: { 'content-type': 'text/plain' }, body: '{}' })).asked!.text).toBe('{}')
  })

  test('is refused where its body is too large or broken', async () => {
    const pass = passing('[{ request: { body: { set: { /x: 1 }, limit: 20 } } }]')
    const headers = { 'content-type': 'application/json' }
    await expect(pass({ headers, body: `"${'x'.repeat(20)}"` })).rejects.toMatchObject({ code: 'payload_too_large' })
    await expect(pass({ headers, body: '{"a":' })).rejects.toMatchObject({ code: 'malformed_request' })
  })

  test.each([
    ['{ headers: { set: { Content-Length: 1 } } }', "the header field 'Content-Length' cannot be changed"],
    ['{ headers: { set: { Host: x } } }', 'the upstream decides it'],
    ['{ headers: { set: { x: "a\\r\\nb: c" } } }', 'expected is the value of a header field'],
    ['{ headers: { set: { "a b": c } } }', 'is no name that can be used here; expected is the name of a header field'],
    ['{ body: { set: { /__proto__/x: 1 } } }', 'names __proto__, which is no data'],
    ['{ body: { pick: [name] } }', 'expected is a JSON Pointer'],
    ["{ path: { from: '/a/:x', to: '/:y' } }", "takes ':y' from '/a/:x', which does not have it"],
    ['{}', 'is empty; expected is at least 1'],
  ])('%s is a mistake', async (settings, message) => {
    await expect(passing(`[{ request: ${settings} }]`)()).rejects.toThrow(message)
  })
})
