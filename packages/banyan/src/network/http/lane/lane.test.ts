import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { atOnce, HEADER_BYTES, later, twin, type Twin } from '../../../../test/http/twins.ts'

let bare: Twin
let laned: Twin
beforeAll(async () => {
  bare = await twin(false)
  laned = await twin(true)
})
afterAll(async () => {
  await bare[Symbol.asyncDispose]()
  await laned[Symbol.asyncDispose]()
})

const plainField = fc.tuple(
  fc.constantFrom('X-A', 'x-b', 'Accept', 'User-Agent', 'Authorization', 'Cookie', 'traceparent', 'If-None-Match', 'Content-Type', 'TE', 'constructor'),
  fc.constantFrom(': ', ':', ':\t ', ':  '),
  fc.constantFrom('', 'a', 'text/html, */*;q=0.8', 'Bearer a.b-c', 'caf\xe9', 'a \t b', '"a" (b)', '{[]}', 'b '),
)
const oddField = fc.tuple(
  fc.constantFrom(
    'Connection',
    'Host',
    'Content-Length',
    'Transfer-Encoding',
    'Expect',
    'Upgrade',
    'Proxy-Connection',
    'Set-Cookie',
    'X-A',
    'X A',
    '',
    '__proto__',
  ),
  fc.constantFrom(': ', ':', ' : '),
  fc.constantFrom(
    'close',
    'Keep-Alive',
    'keep-alive, x',
    '0',
    '3',
    '03',
    '+3',
    '3, 3',
    'chunked',
    'identity',
    '100-continue',
    'websocket',
    'b',
    'a\0',
    'a\x7f',
    'x'.repeat(900),
  ),
)
const lineOf = (field: fc.Arbitrary<string[]>) => field.map((parts) => `${parts.join('')}\r\n`)
const mostly = <T>(plain: fc.Arbitrary<T>, odd: fc.Arbitrary<T>) => fc.oneof({ weight: 20, arbitrary: plain }, { weight: 1, arbitrary: odd })

const paths = { atOnce: Object.keys(atOnce).map((way) => `/${way}`), all: Object.keys({ ...atOnce, ...later }).flatMap((way) => [`/${way}`, `/read/${way}`]) }
type Parts = Readonly<Record<'method' | 'path' | 'more' | 'version' | 'host' | 'connection', fc.Arbitrary<string>>> & {
  readonly fields: fc.Arbitrary<string[]>
  readonly body: fc.Arbitrary<string | undefined>
}
const plain: Parts = {
  method: fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'),
  path: fc.constantFrom(...paths.all),
  more: fc.constantFrom('', '', '/', '?a=b', '?a=%20&b', '/a"<>\\^`{|}~', '?a?b/c'),
  version: fc.constant('HTTP/1.1'),
  host: fc.constantFrom('Host: a\r\n', 'host: a:80\r\n'),
  connection: fc.constantFrom('', '', 'Connection: keep-alive\r\n'),
  fields: fc.array(lineOf(plainField), { maxLength: 5 }),
  body: fc.option(fc.constantFrom('', 'abc', '{"a":1}', 'x'.repeat(300), 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'), { nil: undefined }),
}
/** Answered at once where it is one, so that what is wrong behind it does not race with its answer. */
const odd: Parts = {
  method: mostly(plain.method, fc.constantFrom('PROPFIND', 'get', 'CONNECT', '')),
  path: mostly(fc.constantFrom(...paths.atOnce), fc.constantFrom('*', 'http://a/', '', '//', 'a')),
  more: mostly(plain.more, fc.constantFrom('#a', '?#', '\xe9', '\x7f', '/a b', '?'.repeat(900))),
  version: mostly(plain.version, fc.constantFrom('HTTP/1.0', 'HTTP/2.0', 'HTTP/1.1 ', 'http/1.1')),
  host: mostly(plain.host, fc.constant('')),
  connection: plain.connection,
  fields: fc.array(mostly(lineOf(plainField), lineOf(oddField)), { maxLength: 5 }),
  body: plain.body,
}
const requestOf = (parts: Parts) =>
  fc.record(parts).map(({ method, path, more, version, host, connection, fields, body }) => {
    const length = body === undefined ? '' : `Content-Length: ${body.length}\r\n`
    return `${method} ${path}${more} ${version}\r\n${host}${connection}${fields.join('')}${length}\r\n${body ?? ''}`
  })
const seldom = <T>(what: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 2, arbitrary: fc.array(what, { maxLength: 0 }) }, { weight: 1, arbitrary: fc.array(what, { minLength: 1, maxLength: 2 }) })
const part = fc.double({ min: 0, max: 1, noNaN: true })
/** Bytes that mean something where a request is read. */
const mutation = fc.record({
  at: part,
  removed: fc.nat(2),
  put: fc.constantFrom('', '\r', '\n', '\r\n', ' ', '\t', ':', '\0', '\x7f', '\xff', '0', ',', 'a'),
})
const mutated = fc.tuple(requestOf(odd), seldom(mutation)).map(([text, mutations]) =>
  mutations.reduce((before, { at, removed, put }) => {
    const from = Math.floor(at * before.length)
    return before.slice(0, from) + put + before.slice(from + removed)
  }, text),
)
/** Requests as they are written: some together, some cut. */
const piecesOf = (request: fc.Arbitrary<string>) =>
  fc
    .record({
      requests: fc.array(request, { minLength: 1, maxLength: 4 }),
      cuts: seldom(part),
      together: fc.constantFrom(false, false, true),
    })
    .map(({ requests, cuts, together }) =>
      (together ? [requests.join('')] : requests).flatMap((text) => {
        const at = [0, ...cuts.map((cut) => Math.floor(cut * text.length)).sort((a, b) => a - b), text.length]
        return at.slice(1).flatMap((end, index) => (end === at[index] ? [] : [Buffer.from(text.slice(at[index], end), 'latin1')]))
      }),
    )

describe('what comes back is the same as without the lane', () => {
  test.each([
    ['plain requests', piecesOf(requestOf(plain))],
    ['others among them', piecesOf(mutated)],
  ])('%s, wherever they are cut', async (_what, pieces) => {
    const before = laned.byLane
    await fc.assert(
      fc.asyncProperty(pieces, async (sent) => {
        expect(await laned.converse(sent)).toBe(await bare.converse(sent))
      }),
      { numRuns: 300 },
    )
    expect(laned.byLane).toBeGreaterThan(before + 20)
  })

  test.each(paths.all.flatMap((path) => ['GET', 'HEAD', 'POST'].map((method) => [method, path] as const)))('%s %s, three times', async (method, path) => {
    const body = method === 'POST' ? 'Content-Length: 4\r\n\r\n\xe9bcd' : '\r\n'
    const piece = Buffer.from(`${method} ${path}?a=b HTTP/1.1\r\nHost: a\r\nX-A: caf\xe9\r\n${body}`, 'latin1')
    const before = laned.byLane
    const pieces = [piece, piece, piece]
    const answers = await laned.converse(pieces)
    expect(answers).toBe(await bare.converse(pieces))
    expect(answers).toMatch(/^HTTP\/1\.1 \d{3} /)
    expect(laned.byLane - before).toBe(path.endsWith('last') ? 1 : 3)
  })
})

test.each([
  ['two requests at once', 'GET /whole HTTP/1.1\r\nHost: a\r\n\r\nGET /whole HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['a request without its end', 'GET /whole HTTP/1.1\r\nHost: a\r\n'],
  ['a body that has not come', 'POST /whole HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nab'],
  ['a coded body', 'POST /whole HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['a head that is too long', `GET /whole HTTP/1.1\r\nHost: a\r\nX-A: ${'x'.repeat(HEADER_BYTES)}\r\n\r\n`],
  ['another version', 'GET /whole HTTP/1.0\r\nHost: a\r\n\r\n'],
  ['no host', 'GET /whole HTTP/1.1\r\n\r\n'],
  ['two hosts', 'GET /whole HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n'],
  ['two lengths', 'POST /whole HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n'],
  ['a length that is written oddly', 'POST /whole HTTP/1.1\r\nHost: a\r\nContent-Length: 00\r\n\r\n'],
  ['a line that is folded', 'GET /whole HTTP/1.1\r\nHost: a\r\nX-A: b\r\n c\r\n\r\n'],
  ['a line feed alone', 'GET /whole HTTP/1.1\nHost: a\r\n\r\n'],
  ['a connection that ends', 'GET /whole HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'],
  ['another protocol', 'GET /whole HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n'],
  ['a body that waits', 'POST /whole HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\na'],
  ['a whole address', 'GET http://a/whole HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['another method', 'PROPFIND /whole HTTP/1.1\r\nHost: a\r\n\r\n'],
])('%s is left to node:http', async (_what, text) => {
  const before = laned.byLane
  await laned.converse([Buffer.from(text, 'latin1')])
  expect(laned.byLane).toBe(before)
})
