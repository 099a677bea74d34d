import { describe, expect, test } from 'vitest'
import { AnswerReader } from './answer-reader.ts'

interface Told {
  readonly early: unknown[]
  status?: number
  fields?: readonly string[]
  persistent?: boolean
  keepAliveMs?: number | undefined
  body: string
  trailers?: readonly string[]
  surplus?: boolean
}

/** What is told of an answer that comes in parts of some length. */
function told(text: string, { method = 'GET', step = text.length, closed = false } = {}): Told {
  const what: Told = { early: [], body: '' }
  const reader = new AnswerReader({
    informed: (status, fields) => void what.early.push([status, fields]),
    begin: ({ status, fields, persistent, keepAliveMs }) => void Object.assign(what, { status, fields, persistent, keepAliveMs }),
    data: (chunk) => void (what.body += chunk.toString('latin1')),
    end: (trailers, surplus) => void Object.assign(what, { trailers, surplus }),
  })
  reader.expect(method)
  const bytes = Buffer.from(text, 'latin1')
  for (let at = 0; at < bytes.length; at += step) {
    const part = Buffer.from(bytes.subarray(at, at + step))
    reader.read(part, part.length)
    part.fill(0) // bytes are there only while they are read
  }
  if (closed) reader.close()
  return what
}

type How = NonNullable<Parameters<typeof told>[1]>

const whole: readonly (readonly [what: string, text: string, told: Partial<Told>, how: How])[] = (
  [
    ['a length', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello', { status: 200, body: 'hello', trailers: [], surplus: false, persistent: true }],
    ['no reason', 'HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n', { status: 200, body: '', trailers: [] }],
    [
      'names and values',
      'HTTP/1.1 200 OK\r\nX-A:b\r\nX-a: \t c d\t \r\nx-e:\r\nContent-Length: 0\r\n\r\n',
      { fields: ['x-a', 'b', 'x-a', 'c d', 'x-e', '', 'content-length', '0'] },
    ],
    ['bytes above 127', 'HTTP/1.1 200 \xe9\r\nX: \xff\r\nContent-Length: 0\r\n\r\n', { fields: ['x', '\xff', 'content-length', '0'] }],
    [
      'chunks',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n5\r\nhello\r\n00C;a;b="c;d"\r\n, you there!\r\n0\r\n\r\n',
      { body: 'hello, you there!', trailers: [] },
    ],
    [
      'trailers',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-Sum: 7\r\nX-Sum: 8\r\n\r\n',
      { body: 'a', trailers: ['x-sum', '7', 'x-sum', '8'] },
    ],
    ['no length: until the end', 'HTTP/1.1 200 OK\r\n\r\nall of it', { body: 'all of it', trailers: [], persistent: false }, { closed: true }],
    ['204', 'HTTP/1.1 204 No Content\r\n\r\n', { status: 204, trailers: [], persistent: true }],
    ['304 with a length', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n', { status: 304, body: '', trailers: [] }],
    ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n', { status: 200, body: '', trailers: [] }, { method: 'HEAD' }],
    ['HEAD in chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', { body: '', trailers: [] }, { method: 'HEAD' }],
    [
      'hints first',
      'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
      {
        early: [
          [103, ['link', '</a>']],
          [100, []],
        ],
        status: 200,
        trailers: [],
      },
    ],
    ['Connection: close', 'HTTP/1.1 200 OK\r\nConnection: x-a, Close\r\nContent-Length: 0\r\n\r\n', { persistent: false }],
    ['HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na', { persistent: false, body: 'a', trailers: [] }],
    ['HTTP/1.0 that lasts', 'HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\na', { persistent: true }],
    ['Keep-Alive', 'HTTP/1.1 200 OK\r\nKeep-Alive: max=5, timeout=7\r\nContent-Length: 0\r\n\r\n', { keepAliveMs: 7_000 }],
    [
      'the names of objects',
      'HTTP/1.1 200 OK\r\n__proto__: a\r\nconstructor: b\r\nContent-Length: 0\r\n\r\n',
      { fields: ['__proto__', 'a', 'constructor', 'b', 'content-length', '0'] },
    ],
  ] as readonly (readonly [string, string, Partial<Told>, How?])[]
).map(([what, text, expected, how = {}]) => [what, text, expected, how] as const)

describe('an answer', () => {
  test.each(whole)('%s', (_what, text, expected, how) => {
    expect(told(text, how)).toMatchObject(expected)
    for (const step of [1, 2, 7]) expect(told(text, { ...how, step })).toEqual(told(text, how))
  })

  test.each(whole.filter(([, , , how]) => how.closed !== true))('%s, with bytes behind it that belong to none', (_what, text, expected, how) => {
    expect(told(`${text}HTTP/1.1 200 OK\r\n`, how)).toMatchObject({ ...expected, surplus: true })
  })

  test.each(whole)('%s, cut before its end, has no end', (_what, text, _expected, how) => {
    for (let end = 0; end < text.length; end++) expect(told(text.slice(0, end), { ...how, closed: false })).not.toHaveProperty('trailers')
  })

  test('which the other side ends early is not whole', () => {
    const reader = new AnswerReader({ informed: fails, begin: () => undefined, data: () => undefined, end: fails })
    reader.expect('GET')
    const part = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell')
    reader.read(part, part.length)
    expect(reader.close()).toBe(false)
  })
})

function fails(): never {
  throw new Error('was told')
}

const ok = 'HTTP/1.1 200 OK\r\n'
const chunked = `${ok}Transfer-Encoding: chunked\r\n\r\n`
const wrong: readonly (readonly [what: string, text: string, message: RegExp])[] = [
  ['another protocol', 'SSH-2.0-OpenSSH_9.6\r\n\r\n', /it begins with "SSH-2\.0-OpenSSH_/],
  ['another version', 'HTTP/2.0 200 OK\r\n\r\n', /it begins with/],
  ['an empty line first', `\r\n${ok}\r\n`, /it begins with ""/],
  ['no status', 'HTTP/1.1 OK\r\n\r\n', /is no status/],
  ['a status of four digits', 'HTTP/1.1 2000 OK\r\n\r\n', /"2000" is no status/],
  ['a status below 100', 'HTTP/1.1 099 OK\r\n\r\n', /is no status/],
  ['two blanks before the status', 'HTTP/1.1  200 OK\r\n\r\n', /is no status/],
  ['a line feed alone', `${ok}A: b\nC: d\r\n\r\n`, /a line feed without a carriage return/],
  ['a carriage return alone', `${ok}A: b\rC: d\r\n\r\n`, /a carriage return without a line feed/],
  ['NUL', `${ok}A: b\0\r\n\r\n`, /the control character 0/],
  ['DEL', `${ok}A: \x7f\r\n\r\n`, /the control character 127/],
  ['a blank before a colon', `${ok}A : b\r\n\r\n`, /"A " is no name of a field/],
  ['a folded line', `${ok}A: b\r\n c: d\r\n\r\n`, /" c" is no name of a field/],
  ['a line without a colon', `${ok}A\r\nB: c\r\n\r\n`, /no colon/],
  ['a field without a name', `${ok}: a\r\n\r\n`, /"" is no name of a field/],
  ['both framings', `${ok}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n`, /both Transfer-Encoding and Content-Length/],
  ['both framings, the other way around', `${ok}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n`, /both Transfer-Encoding and Content-Length/],
  ['two lengths', `${ok}Content-Length: 5\r\nContent-Length: 6\r\n\r\n`, /more than one Content-Length/],
  ['two equal lengths', `${ok}Content-Length: 5\r\nContent-Length: 5\r\n\r\n`, /more than one Content-Length/],
  ['a list of lengths', `${ok}Content-Length: 5, 5\r\n\r\n`, /its Content-Length is "5, 5"/],
  ['a length with a sign', `${ok}Content-Length: +5\r\n\r\n`, /its Content-Length is/],
  ['an empty length', `${ok}Content-Length:\r\n\r\n`, /its Content-Length is ""/],
  ['a length that is no number of bytes', `${ok}Content-Length: 99999999999999999\r\n\r\n`, /its Content-Length is/],
  ['an unknown coding', `${ok}Transfer-Encoding: gzip\r\n\r\n`, /its Transfer-Encoding is "gzip"/],
  ['two codings', `${ok}Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n`, /its Transfer-Encoding is "gzip, chunked"/],
  ['chunked twice', `${ok}Transfer-Encoding: chunked, chunked\r\n\r\n`, /its Transfer-Encoding is/],
  ['chunks in HTTP/1.0', 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', /Transfer-Encoding in HTTP\/1\.0/],
  ['a switch that nobody asked for', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: a\r\n\r\n', /it switches protocols/],
  ['204 with a length', 'HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n', /it announces a body with status 204/],
  ['103 with a length', 'HTTP/1.1 103 Early Hints\r\nContent-Length: 5\r\n\r\n', /it announces a body with status 103/],
  ['hints without end', 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(33), /more than 32 answers before the answer/],
  ['a head that is too long', `${ok}${`A: ${'b'.repeat(1_000)}\r\n`.repeat(17)}\r\n`, /longer than 16384 bytes/],
  ['a line that is too long', `${ok}A: ${'b'.repeat(20_000)}`, /longer than 16384 bytes/],
  ['a chunk size that is none', `${chunked}x\r\n`, /the size of a chunk has the character "x"/],
  ['an empty chunk size', `${chunked}\r\n`, /the size of a chunk has the character "\\r"/],
  ['a chunk size with a sign', `${chunked}+5\r\nhello\r\n`, /the size of a chunk has/],
  ['a chunk size with a prefix', `${chunked}0x5\r\nhello\r\n`, /the size of a chunk has/],
  ['a blank behind a chunk size', `${chunked}5 \r\nhello\r\n`, /the size of a chunk has/],
  ['a chunk size that is no number of bytes', `${chunked}fffffffffffffff\r\n`, /no number of bytes/],
  ['a chunk size with a line feed alone', `${chunked}5\nhello\r\n`, /the size of a chunk has/],
  ['a chunk line that is too long', `${chunked}5;${'a'.repeat(5_000)}\r\n`, /longer than 4096 bytes/],
  ['a line feed in an extension', `${chunked}5;a\nb\r\nhello\r\n`, /is no extension of a chunk/],
  ['a carriage return in an extension', `${chunked}5;a\rb\r\nhello\r\n`, /does not end with CR LF/],
  ['a chunk that is longer than its size', `${chunked}4\r\nhello\r\n`, /longer than its size/],
  ['a chunk that ends with a line feed alone', `${chunked}5\r\nhello\n`, /longer than its size/],
  ['a chunk that ends with a carriage return alone', `${chunked}5\r\nhello\r0\r\n`, /a chunk does not end with CR LF/],
  ['trailers that say a length', `${chunked}0\r\nContent-Length: 5\r\n\r\n`, /content-length among its trailers/],
  ['trailers that are too long', `${chunked}0\r\nA: ${'b'.repeat(20_000)}\r\n\r\n`, /longer than 16384 bytes/],
]

describe('refused is an answer with', () => {
  test.each(wrong)('%s', (_what, text, message) => {
    const expected = expect.objectContaining({ code: 'BROKEN_ANSWER', message: expect.stringMatching(message) })
    expect(() => told(text)).toThrow(expected)
    for (const step of [1, 3]) expect(() => told(text, { step })).toThrow(expected)
  })
})
