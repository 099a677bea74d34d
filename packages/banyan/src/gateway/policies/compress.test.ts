import { once } from 'node:events'
import { get, type IncomingMessage, type OutgoingHttpHeaders, type RequestListener } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { brotliDecompressSync, createBrotliDecompress, createGunzip, createZstdDecompress, gunzipSync, gzipSync, zstdDecompressSync } from 'node:zlib'
import { afterEach, describe, expect, test } from 'vitest'
import { backend, everything, policy, serving } from '../../../test/gateway/fixture.ts'
import { open } from '../../../test/http/raw.ts'
import type { PolicyConfig } from '../config.ts'
import type { RunningGateway } from '../start-gateway.ts'

const stack: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of stack.splice(0).toReversed()) await one[Symbol.asyncDispose]()
})

async function before(answer: RequestListener, policies: readonly PolicyConfig[] = [policy('compress')]): Promise<RunningGateway> {
  const there = await backend(answer)
  stack.push(there)
  const edge = await serving(everything([there.url], policies))
  stack.push(edge)
  return edge
}

const long = 'so it goes '.repeat(500)
const saying =
  (headers: OutgoingHttpHeaders = {}, body: string | Buffer = long, status = 200): RequestListener =>
  (_request, response) =>
    response.writeHead(status, { 'content-type': 'text/plain', 'content-length': String(Buffer.byteLength(body)), ...headers }).end(body)

async function ask(url: string, headers: OutgoingHttpHeaders, method = 'GET') {
  const [answer] = (await once(get(url, { headers, method }), 'response')) as [IncomingMessage]
  return { status: answer.statusCode, headers: answer.headers, body: await buffer(answer) }
}

test.each([
  ['gzip', 'gzip', gunzipSync],
  ['br;q=0.1, gzip;q=0', 'br', brotliDecompressSync],
  ['zstd, gzip', 'zstd', zstdDecompressSync],
])('to %s with %s', async (accepted, coding, decompress) => {
  const { url } = await before(saying({ etag: '"a"', 'accept-ranges': 'bytes', vary: 'origin' }))
  const { headers, body } = await ask(url, { 'accept-encoding': accepted })
  expect(headers).toMatchObject({ 'content-encoding': coding, vary: 'origin, accept-encoding', etag: 'W/"a"', 'content-type': 'text/plain' })
  expect(headers).not.toHaveProperty('content-length')
  expect(headers).not.toHaveProperty('accept-ranges')
  expect(body.length).toBeLessThan(long.length / 10)
  expect(decompress(body).toString()).toBe(long)
})

test.each<[string, RequestListener, OutgoingHttpHeaders]>([
  ['for a client that says nothing', saying(), {}],
  ['for a client that reads none of the codings', saying(), { 'accept-encoding': 'deflate' }],
])('not %s, and caches are told that it depends on that', async (_what, answer, asked) => {
  const { url } = await before(answer)
  const { headers, body } = await ask(url, asked)
  expect(headers).toMatchObject({ vary: 'accept-encoding', 'content-length': String(long.length) })
  expect(headers).not.toHaveProperty('content-encoding')
  expect(body.toString()).toBe(long)
})

test.each<[string, RequestListener, OutgoingHttpHeaders?]>([
  ['what is compressed already', saying({ 'content-encoding': 'gzip' }, gzipSync(long))],
  ['a picture', saying({ 'content-type': 'image/png' })],
  ['what has no type', (_request, response) => response.end(long)],
  ['a tiny body', saying({}, 'tiny')],
  ['what must not be changed', saying({ 'cache-control': 'public, No-Transform' })],
  ['what a client wants unchanged', saying(), { 'cache-control': 'no-transform' }],
  ['a part', saying({ 'content-range': `bytes 0-${long.length - 1}/9999` }, long, 206), { range: 'bytes=0-' }],
  ['an answer without a body', (_request, response) => response.writeHead(204, { 'content-type': 'text/plain' }).end()],
])('not %s', async (_what, answer, asked = {}) => {
  const { url } = await before(answer)
  const plain = await ask(url, {})
  const { headers, body } = await ask(url, { 'accept-encoding': 'br, gzip', ...asked })
  expect(headers['content-encoding']).toBe(plain.headers['content-encoding'])
  expect(headers).not.toHaveProperty('vary')
  expect(headers['content-length']).toBe(plain.headers['content-length'])
  expect(body).toEqual(plain.body)
})

test('errors are compressed as well, and what other policies answer', async () => {
  const { url } = await before(saying(), [policy('compress'), policy('answer', { status: 404, body: { lost: long } })])
  const { status, headers, body } = await ask(url, { 'accept-encoding': 'gzip' })
  expect([status, headers['content-encoding'], JSON.parse(gunzipSync(body).toString())]).toEqual([404, 'gzip', { lost: long }])
})

test('HEAD says the same as GET', async () => {
  const { url } = await before(saying({ etag: '"a"' }))
  const [headed, got] = [await ask(url, { 'accept-encoding': 'gzip' }, 'HEAD'), await ask(url, { 'accept-encoding': 'gzip' })]
  const { date: _date, 'transfer-encoding': _coding, ...facts } = got.headers
  expect(headed.headers).toMatchObject(facts)
  expect(headed.headers).not.toHaveProperty('content-length')
  expect(headed.body.length).toBe(0)
})

test('304 names the tag that the client has', async () => {
  const { url } = await before((request, response) => {
    if (request.headers['if-none-match'] === 'W/"a"') response.writeHead(304, { etag: '"a"' }).end()
    else response.writeHead(200, { 'content-type': 'text/plain', etag: '"a"' }).end(long)
  })
  const asked = { 'accept-encoding': 'gzip' }
  const { headers } = await ask(url, asked)
  expect(headers.etag).toBe('W/"a"')
  expect(await ask(url, { ...asked, 'if-none-match': headers.etag })).toMatchObject({ status: 304, headers: { etag: 'W/"a"', vary: 'accept-encoding' } })
})

test('the cache before it keeps one for each coding, the cache behind it one for all', async () => {
  for (const policies of [
    [policy('cache'), policy('compress')],
    [policy('compress'), policy('cache')],
  ]) {
    let asked = 0
    const { url } = await before((request, response) => {
      asked++
      saying({ 'cache-control': 'max-age=60' })(request, response)
    }, policies)
    for (let i = 0; i < 2; i++) {
      expect(gunzipSync((await ask(url, { 'accept-encoding': 'gzip' })).body).toString()).toBe(long)
      expect(brotliDecompressSync((await ask(url, { 'accept-encoding': 'br' })).body).toString()).toBe(long)
      expect((await ask(url, {})).body.toString()).toBe(long)
    }
    expect(asked).toBe(policies[0]!.kind === 'cache' ? 3 : 1)
  }
})

describe.each([
  ['gzip', createGunzip],
  ['br', createBrotliDecompress],
  ['zstd', createZstdDecompress],
] as const)('a stream as %s', (coding, decompressor) => {
  test('an event arrives when it is sent', async () => {
    const next: PromiseWithResolvers<void>[] = [Promise.withResolvers(), Promise.withResolvers()]
    const { url } = await before(async (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
      for (const [index, { promise }] of next.entries()) {
        await promise
        response.write(`data: ${index}\n\n`)
      }
    })
    const [answer] = (await once(get(url, { headers: { 'accept-encoding': coding } }), 'response')) as [IncomingMessage]
    expect(answer.headers['content-encoding']).toBe(coding)
    const events = answer.pipe(decompressor())
    for (const [index, { resolve }] of next.entries()) {
      resolve()
      const [event] = (await once(events, 'data')) as [Buffer]
      expect(event.toString()).toBe(`data: ${index}\n\n`)
    }
    answer.destroy()
  })

  test('what breaks off in the middle is not taken for whole', async () => {
    const { url } = await before((request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' })
      response.write(long, () => request.socket.destroy())
    })
    await expect(ask(url, { 'accept-encoding': coding })).rejects.toThrow('aborted')
  })

  test('a slow reader holds the upstream back, and one that leaves ends it', async () => {
    let written = 0
    // what cannot be made smaller
    const chunk = Buffer.from(Array.from({ length: 64 * 1024 }, () => Math.floor(Math.random() * 256)))
    const { promise: stopped, resolve: stop } = Promise.withResolvers<void>()
    const { promise: left, resolve: leave } = Promise.withResolvers<void>()
    const edge = await before((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' })
      const send = () => {
        do written += chunk.length
        while (response.write(chunk) && written < 512 * 1024 * 1024)
        setImmediate(stop)
      }
      response.on('drain', send).on('close', leave)
      send()
    })
    const { socket } = await open(edge.port)
    socket.pause()
    socket.write(`GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: ${coding}\r\n\r\n`)
    await stopped
    expect(written).toBeLessThan(64 * 1024 * 1024)
    socket.destroy()
    await left
  })
})
