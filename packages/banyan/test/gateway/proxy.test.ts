import { once } from 'node:events'
import { request as ask, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import type { PolicyKind } from '../../src/gateway/policy-kind.ts'
import { startGateway } from '../../src/gateway/start-gateway.ts'
import { silentLog, type RootLog } from '../../src/observe/log.ts'
import { open, problemIn, raw } from '../http/raw.ts'
import { origin, toAll } from './edge.ts'

const log = silentLog as RootLog
const plain: PolicyKind = { name: 'plain', schema: {}, open: () => (request, next) => next(request) }

/** Each is true of the way without policies and of the way through them. */
const ways = [
  { way: 'as it comes', policies: [] },
  { way: 'through policies', policies: [{ kind: 'plain', settings: undefined, line: 1 }] },
] as const
const options = { port: 0, log, kinds: [plain] }

test.each(ways)('$way: method, target, body and answer go over, with the fields of neither hop', async ({ policies }) => {
  await using server = await origin((request, response) => {
    response.writeHead(201, { 'X-Own': 'yes', 'Set-Cookie': ['a=1', 'b=2'], Connection: 'X-Hop', 'X-Hop': 'no', 'Keep-Alive': 'timeout=9' })
    request.pipe(response)
  })
  await using edge = await startGateway(toAll({ targets: [server.url], policies }), options)

  const answer = await fetch(`${edge.url}/a%20b?c=d`, {
    method: 'POST',
    body: 'hello',
    headers: { 'X-User-ID': 'root', X_Forwarded_For: '9.9.9.9', 'X-Mine': 'kept' },
  })

  expect({ status: answer.status, text: await answer.text(), own: answer.headers.get('x-own') }).toEqual({ status: 201, text: 'hello', own: 'yes' })
  expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
  expect([answer.headers.get('x-hop'), answer.headers.get('keep-alive')]).not.toContain('timeout=9')
  const [seen] = server.seen
  expect({ method: seen!.method, url: seen!.url }).toEqual({ method: 'POST', url: '/a%20b?c=d' })
  expect(seen!.headers).toMatchObject({
    host: new URL(server.url).host,
    via: '1.1 banyan',
    'x-mine': 'kept',
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-proto': 'http',
    'x-forwarded-host': new URL(edge.url).host,
    forwarded: `for=127.0.0.1;host="${new URL(edge.url).host}";proto=http`,
    traceparent: expect.stringMatching(/^00-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/),
  })
  expect(seen!.headers).not.toHaveProperty('x-user-id')
  expect(seen!.headers).not.toHaveProperty('x_forwarded_for')
})

test.each(ways)('$way: HEAD, 204 and 304 have no body', async ({ policies }) => {
  await using server = await origin((request, response) => {
    response.writeHead(request.url === '/none' ? 204 : request.url === '/same' ? 304 : 200, request.method === 'HEAD' ? { 'Content-Length': 7 } : {}).end()
  })
  await using edge = await startGateway(toAll({ targets: [server.url], policies }), options)

  const head = await fetch(`${edge.url}/`, { method: 'HEAD' })
  expect([head.status, head.headers.get('content-length')]).toEqual([200, '7'])
  expect((await fetch(`${edge.url}/none`)).status).toBe(204)
  expect((await fetch(`${edge.url}/same`)).status).toBe(304)
})

test.each(ways)('$way: events are passed on one by one', async ({ policies }) => {
  await using server = await origin((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' })
    response.write('data: 1\n\n')
    // the second is sent only once the first was read
    server.server.once('go', () => response.end('data: 2\n\n'))
  })
  await using edge = await startGateway(toAll({ targets: [server.url], policies }), options)

  const { body } = await fetch(edge.url)
  const reader = body!.pipeThrough(new TextDecoderStream()).getReader()
  expect((await reader.read()).value).toBe('data: 1\n\n')
  server.server.emit('go')
  expect((await reader.read()).value).toBe('data: 2\n\n')
})

test.each(ways)('$way: an answer that its server breaks off is never taken for a whole one', async ({ policies }) => {
  await using server = await origin((_request, response) => {
    response.write('half')
    server.server.once('die', () => response.destroy())
  })
  await using edge = await startGateway(toAll({ targets: [server.url], policies }), options)

  const answer = await fetch(edge.url)
  const reader = answer.body!.getReader()
  await reader.read()
  server.server.emit('die')
  await expect(reader.read()).rejects.toThrow('terminated')
})

test.each(ways)('$way: a client that leaves ends the request to the server', async ({ policies }) => {
  await using server = await origin(() => undefined)
  await using edge = await startGateway(toAll({ targets: [server.url], policies }), options)

  const asking = ask(edge.url).end()
  asking.on('error', () => undefined)
  const [seen, response] = (await once(server.server, 'request')) as [IncomingMessage, NodeJS.EventEmitter]
  asking.destroy()
  await once(response, 'close')
  expect(seen.complete).toBe(true)
})

test.each(ways)('$way: trailers come over', async ({ policies }) => {
  await using server = await origin((_request, response) => {
    response.writeHead(200, { Trailer: 'X-Sum' })
    response.write('body')
    response.addTrailers({ 'X-Sum': '42' })
    response.end()
  })
  await using edge = await startGateway(toAll({ targets: [server.url], policies }), options)

  const asking = ask(edge.url).end()
  const [answer] = (await once(asking, 'response')) as [IncomingMessage]
  expect(await text(answer)).toBe('body')
  expect(answer.trailers).toEqual({ 'x-sum': '42' })
})

test.each(ways)('$way: a client that waits to be asked for its body is asked', async ({ policies }) => {
  await using server = await origin((request, response) => void request.pipe(response))
  await using edge = await startGateway(toAll({ targets: [server.url], policies }), options)

  const asking = ask(edge.url, { method: 'PUT', headers: { Expect: '100-continue', 'Content-Length': 2 } })
  asking.flushHeaders()
  await once(asking, 'continue')
  asking.end('ok')
  const [answer] = (await once(asking, 'response')) as [IncomingMessage]
  expect(await text(answer)).toBe('ok')
})

test.each(ways)('$way: what cannot be reached is asked elsewhere, and where there is nowhere else the answer is 503', async ({ policies }) => {
  await using dead = await origin(() => undefined)
  await dead[Symbol.asyncDispose]()
  await using server = await origin((_request, response) => response.end('there'))
  await using edge = await startGateway(toAll({ targets: [dead.url, server.url], policies }), options)
  for (let i = 0; i < 4; i++) expect(await (await fetch(edge.url, { method: 'POST' })).text()).toBe('there')

  await edge.load(toAll({ targets: [dead.url], policies }))
  const answer = await fetch(edge.url)
  expect(answer.status).toBe(503)
  expect(await answer.json()).toMatchObject({ code: 'unavailable' })
})

test.each(ways)('$way: a POST that was lost on its way back is not sent again, a GET is', async ({ policies }) => {
  let asked = 0
  await using server = await origin((_request, response) => (++asked === 1 ? response.destroy() : response.end('second')))
  await using edge = await startGateway(toAll({ targets: [server.url], policies }), options)

  expect((await fetch(edge.url, { method: 'POST', body: 'x' })).status).toBe(503)
  expect(asked).toBe(1)
  asked = 0
  expect(await (await fetch(edge.url)).text()).toBe('second')
})

test.each(ways)('$way: a server that gives no answer in time is 504', async ({ policies }) => {
  await using server = await origin(() => undefined)
  await using edge = await startGateway(toAll({ targets: [server.url], policies, timeoutMs: 50, attempts: 1 }), options)
  const answer = await fetch(edge.url)
  expect([answer.status, await answer.json()]).toMatchObject([504, { code: 'deadline_exceeded' }])
})

test.each(ways)('$way: another protocol is spoken through it, and each side may end first', async ({ policies }) => {
  await using server = await origin(() => undefined)
  server.server.on('upgrade', (request: IncomingMessage, socket) => {
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\nX-For: ${String(request.headers['x-forwarded-for'])}\r\n\r\n`)
    socket.pipe(socket)
  })
  await using edge = await startGateway(toAll({ targets: [server.url], policies }), options)

  const { socket, closed } = await open(edge.port)
  socket.end('GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nhello')
  const heard = await closed
  expect(heard).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\n/)
  expect(heard).toContain('x-for: 127.0.0.1')
  expect(heard.endsWith('\r\n\r\nhello')).toBe(true)
})

test('what could be read as two requests is answered 400 and never passed on', async () => {
  await using server = await origin((_request, response) => response.end())
  await using edge = await startGateway(toAll({ targets: [server.url] }), options)
  const host = 'Host: a'
  const probes = [
    ['POST / HTTP/1.1', host, 'Content-Length: 6', 'Transfer-Encoding: chunked', '', '0', '', 'G'],
    ['POST / HTTP/1.1', host, 'Transfer-Encoding: chunked', 'Content-Length: 4', '', '5c', 'GPOST / HTTP/1.1', '', ''],
    ['POST / HTTP/1.1', host, 'Transfer-Encoding : chunked', '', '0', '', ''],
    ['POST / HTTP/1.1', host, 'Transfer-Encoding: chunked', 'Transfer-Encoding: identity', '', '0', '', ''],
    ['POST / HTTP/1.1', host, 'Content-Length: 0', 'Content-Length: 44', '', ''],
    ['POST / HTTP/1.1', host, 'Content-Length: +3', '', 'abc'],
    ['POST / HTTP/1.0', host, 'Transfer-Encoding: chunked', '', '0', '', ''],
    ['POST / HTTP/1.1', host, 'Transfer-Encoding: xchunked', '', '0', '', ''],
    ['POST / HTTP/1.1', host, 'X-A: b', ' Transfer-Encoding: chunked', '', '0', '', ''],
    ['GET / HTTP/1.1', host, 'Host: b', '', ''],
    ['GET http://b/ HTTP/1.1', host, '', ''],
    ['GET /a/%2e%2e/b HTTP/1.1', host, 'Connection: close', '', ''],
    ['GET /a/..%2fb HTTP/1.1', host, 'Connection: close', '', ''],
    ['GET /a/../b HTTP/1.1', host, 'Connection: close', '', ''],
  ]
  for (const lines of probes) {
    const answer = await raw(edge.port, ...lines)
    expect(answer, lines.join('|')).toMatch(/^HTTP\/1\.1 400 /)
    expect(answer.match(/HTTP\/1\.1 /g), lines.join('|')).toHaveLength(1)
  }
  expect(server.seen).toEqual([])
})

test('where no route leads is 404, and what a head may not be long is 431', async () => {
  await using server = await origin((_request, response) => response.end())
  const config = toAll({ targets: [server.url] })
  await using edge = await startGateway({ ...config, routes: config.routes.map((one) => ({ ...one, match: { ...one.match, path: '/api/*' } })) }, options)
  expect(problemIn(await raw(edge.port, 'GET /other HTTP/1.1', 'Host: a', 'Connection: close', '', ''))).toMatchObject({ status: 404 })
  expect(await raw(edge.port, 'GET /api HTTP/1.1', 'Host: a', `X: ${'y'.repeat(100_000)}`, '', '')).toMatch(/^HTTP\/1\.1 431 /)
})

test('the status counts answers by route and upstream', async () => {
  await using server = await origin((request, response) => response.writeHead(request.url === '/bad' ? 404 : 200).end())
  await using edge = await startGateway(toAll({ targets: [server.url] }), options)
  await (await fetch(edge.url)).text()
  await (await fetch(`${edge.url}/bad`)).text()
  const { routes, upstreams } = edge.status()
  expect(routes['all']).toMatchObject({ to: 'all', policies: [], inFlight: 0, answers: { '2xx': 1, '4xx': 1 } })
  expect(upstreams['all']!.targets).toHaveLength(1)
})
