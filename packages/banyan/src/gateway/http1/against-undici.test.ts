import type { IncomingHttpHeaders } from 'node:http'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { Client } from 'undici'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fieldRecord } from '../answer-headers.ts'
import { ConnectionPool } from './connection-pool.ts'

/** What a client makes of the bytes of an answer. */
interface Outcome {
  readonly informed: unknown[]
  status: number
  headers: unknown
  body: string
  trailers: unknown
  /** `undefined`: it is a whole answer. */
  refused: string | undefined
}

/** Answers that are refused here and accepted there. */
const stricter: readonly (readonly [why: string, message: RegExp])[] = [
  ['nothing stands before the first line, and versions are 1.0 and 1.1', /it begins with/],
  ['lines end with CR LF, and neither stands by itself', /a (?:carriage return|line feed) without/],
  ['control characters stand nowhere, not in the reason either', /the control character/],
  ['a status has three digits and is at least 100', /is no status/],
  ['nobody has asked for another protocol', /it switches protocols/],
  ['chunked is all that is to be expected, and only in HTTP/1.1', /Transfer-Encoding (?:is|in HTTP\/1\.0)/],
  ['what has no body announces none, whatever was asked', /it announces a body with status (?:1|204)/],
  ['extensions of chunks are as RFC 9112 §7.1.1 says', /no extension of a chunk/],
  ['trailers say nothing of lengths and connections', /among its trailers/],
  ['a head is counted with its line ends', /longer than 16384 bytes/],
  ['hints come in numbers that make sense', /answers before the answer/],
]

/** Answers that are accepted here and refused there, though they are right. */
const wider: readonly (readonly [why: string, is: (bytes: string) => boolean])[] = [
  ['100 Continue may come though nobody has waited for it (RFC 9110 §15.2)', (bytes) => /HTTP\/1\.[01] 100[ \r]/.test(bytes)],
  ['a 304 says how long the body would have been (RFC 9110 §8.6)', (bytes) => /HTTP\/1\.[01] 304[ \r]/.test(bytes)],
]

let pieces: readonly Buffer[] = []
let server: Server
let origin: string
beforeAll(async () => {
  server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => undefined)
    socket.once('data', async () => {
      for (const piece of pieces) {
        socket.write(piece)
        await turn()
      }
      socket.end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => new Promise((resolve) => server.close(resolve)))

const fresh = (): Outcome => ({ informed: [], status: 0, headers: undefined, body: '', trailers: undefined, refused: undefined })

async function ours(method: string): Promise<Outcome> {
  const outcome = fresh()
  const { promise, resolve } = Promise.withResolvers<void>()
  await using pool = new ConnectionPool({ origin, servername: undefined, tls: {}, connectMs: 5_000, idleMs: 5_000 })
  pool.send(
    { method, target: '/', headers: [], body: undefined, timeoutMs: 5_000 },
    {
      informed: (status, fields) => void (status === 100 || outcome.informed.push([status, fieldRecord(fields)])),
      begin(status, fields) {
        outcome.status = status
        outcome.headers = fieldRecord(fields)
      },
      data: (chunk) => void (outcome.body += chunk.toString('latin1')),
      end(trailers) {
        outcome.trailers = fieldRecord(trailers)
        resolve()
      },
      fail(error) {
        outcome.refused = error.message
        resolve()
      },
    },
  )
  await promise
  return outcome
}

async function theirs(method: string): Promise<Outcome> {
  const outcome = fresh()
  const { promise, resolve } = Promise.withResolvers<void>()
  const client = new Client(origin, { headersTimeout: 5_000, bodyTimeout: 5_000 })
  client.dispatch(
    { method, path: '/' },
    {
      onRequestStart: () => undefined,
      onResponseStart(_controller, status, headers) {
        if (status < 200) return void outcome.informed.push([status, trimmed(headers)])
        outcome.status = status
        outcome.headers = trimmed(headers)
      },
      onResponseData: (_controller, chunk) => void (outcome.body += chunk.toString('latin1')),
      onResponseEnd(_controller, trailers) {
        outcome.trailers = trimmed(trailers)
        resolve()
      },
      onResponseError(_controller, error) {
        outcome.refused = error.message
        resolve()
      },
    },
  )
  await promise
  await client.destroy()
  return outcome
}

/** Blanks behind a value are no part of it (RFC 9110 §5.5); undici leaves them there. */
function trimmed(fields: IncomingHttpHeaders): IncomingHttpHeaders {
  const trim = (value: string) => value.replace(/[ \t]+$/, '')
  return fieldRecord(Object.entries(fields).flatMap(([name, value]) => [value ?? []].flat().flatMap((one) => [name, trim(one)])))
}

const token = fc.constantFrom('x-a', 'X-B', 'content-type', 'Set-Cookie', 'etag', 'x-long', '__proto__', 'constructor', 'Connection', 'Keep-Alive')
const value = fc.oneof(
  fc.constantFrom('', 'a', 'keep-alive', 'close', 'Keep-Alive, X-A', 'timeout=5, max=9', 'a: b', '"\t"', 'a '.repeat(40), 'é'),
  fc.stringMatching(/^[ -~]{0,30}$/),
)
const field = fc.tuple(token, fc.constantFrom(':', ': ', ':\t ', ':  '), value, fc.constantFrom('', ' ', '\t')).map((parts) => parts.join(''))
const statuses = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('200 OK', '200', '404 ', '500 a b', '201 é') },
  fc.constantFrom('204 No Content', '304 Not Modified', '206 Part', '999 X'),
)
const text = fc.oneof(fc.constantFrom('', 'a', 'hello', '\r\n\r\n', 'HTTP/1.1 200 OK\r\n\r\n', 'x'.repeat(70_000)), fc.stringMatching(/^[ -~]{1,200}$/))

/** A body, with the fields and the bytes that frame it. */
const framed = fc.oneof(
  text.map((body) => ({ fields: [`Content-Length: ${body.length}`], bytes: body })),
  text.map((body) => ({ fields: [], bytes: body })),
  fc
    .tuple(fc.array(text, { maxLength: 4 }), fc.constantFrom('', ';a=b', ';"x y"'), fc.constantFrom('', '00'), fc.array(field, { maxLength: 2 }))
    .map(([chunks, extension, zeros, trailers]) => ({
      fields: ['Transfer-Encoding: chunked'],
      bytes: [
        ...chunks.filter((chunk) => chunk !== '').map((chunk) => `${zeros}${chunk.length.toString(16)}${extension}\r\n${chunk}\r\n`),
        `0${extension}\r\n`,
        ...trailers.map((line) => `${line}\r\n`),
        '\r\n',
      ].join(''),
    })),
)
const hints = fc.array(
  fc.constantFrom('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nLink: </b>\r\n\r\n', 'HTTP/1.1 102 Processing\r\n\r\n', 'HTTP/1.1 100 Continue\r\n\r\n'),
  {
    maxLength: 2,
  },
)
const answer = fc
  .record({
    early: fc.oneof({ weight: 5, arbitrary: fc.constant([]) }, hints),
    version: fc.constantFrom('1.1', '1.1', '1.0'),
    status: statuses,
    before: fc.array(field, { maxLength: 4 }),
    framed,
    after: fc.array(field, { maxLength: 2 }),
  })
  .map(({ early, version, status, before, framed: { fields, bytes }, after }) =>
    [...early, `HTTP/${version} ${status}\r\n`, ...[...before, ...fields, ...after].map((line) => `${line}\r\n`), '\r\n', bytes].join(''),
  )

/** What makes of a right answer one that is wrong somewhere, mostly where it hurts. */
const mutation = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  early: fc.boolean(),
  remove: fc.nat({ max: 3 }),
  insert: fc.constantFrom(
    '',
    ' ',
    '\t',
    '\r',
    '\n',
    '\r\n',
    '\0',
    ':',
    ';',
    ',',
    '0',
    '1',
    'a',
    '-',
    '+',
    '\x7f',
    '\x80',
    '\r\n ',
    '\r\nTransfer-Encoding: chunked',
    '\r\nTransfer-Encoding: gzip',
    '\r\nContent-Length: 3',
    '\r\nContent-Length: 3, 3',
    '\r\nContent-Length:',
    '\r\nContent-Length: 1e1',
    '\r\nConnection: close',
    '\r\nUpgrade: h2c\r\nConnection: upgrade',
  ),
})
const mutations = fc.oneof({ weight: 1, arbitrary: fc.constant([]) }, { weight: 2, arbitrary: fc.array(mutation, { minLength: 1, maxLength: 3 }) })

function mutated(bytes: string, changes: readonly { at: number; early: boolean; remove: number; insert: string }[]): string {
  return changes.reduce((before, { at, early, remove, insert }) => {
    const end = early ? Math.min(before.length, before.indexOf('\r\n\r\n') + 4) : before.length
    const place = Math.floor(at * end)
    return before.slice(0, place) + insert + before.slice(place + remove)
  }, bytes)
}

function cut(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...cuts.map((share) => Math.floor(share * bytes.length)).sort((a, b) => a - b), bytes.length]
  return places.slice(1).map((place, index) => bytes.subarray(places[index], place))
}

test('what undici takes for an answer is the same here or is refused for a reason, and what it refuses is refused', async () => {
  const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 4 })
  await fc.assert(
    fc.asyncProperty(fc.constantFrom('GET', 'GET', 'HEAD', 'POST'), answer, mutations, cuts, async (method, whole, changes, at) => {
      const sent = mutated(whole, changes)
      pieces = cut(Buffer.from(sent, 'latin1'), at)
      const [here, there] = [await ours(method), await theirs(method)]
      if (here.refused !== undefined && there.refused !== undefined) return
      if (here.refused !== undefined)
        expect(
          stricter.find(([, message]) => message.test(here.refused!)),
          `refused: ${here.refused}`,
        ).toBeDefined()
      else if (there.refused !== undefined)
        expect(
          wider.find(([, is]) => is(sent)),
          `accepted, and refused there: ${there.refused}`,
        ).toBeDefined()
      else expect(here).toEqual(there)
    }),
    { numRuns: Number(process.env['TEST_ANSWERS'] ?? 400) },
  )
})
