import { Pool, request } from 'undici'
import { afterEach, expect, test, vi } from 'vitest'
import { checked, orders, serve, type Invoke } from '../../../test/http/fixture.ts'
import { open, problemIn, raw } from '../../../test/http/raw.ts'
import { BanyanError } from '../../kernel/errors.ts'
import { isUuidv7, uuidv7 } from '../../kernel/id.ts'
import type { Envelope } from '../envelope.ts'
import type { HttpServerOptions } from './options.ts'
import type { HttpServer } from './server.ts'

const stack: AsyncDisposable[] = []
afterEach(async () => {
  for (const resource of stack.splice(0).reverse()) await resource[Symbol.asyncDispose]()
})
async function started(invoke: Invoke, options: Partial<HttpServerOptions> = {}): Promise<HttpServer> {
  const server = await serve(invoke, options)
  stack.push(server)
  return server
}
/** A server that answers with what it was asked, and what was asked last. */
async function echo(options: Partial<HttpServerOptions> = {}) {
  const seen: { operation: string; input: unknown; envelope: Envelope }[] = []
  const invoke = checked((operation, input, envelope) => {
    seen.push({ operation: operation.name, input, envelope })
    return input
  })
  return { server: await started(invoke, options), seen, last: () => seen.at(-1)! }
}
async function send(server: HttpServer, method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const type = body === undefined ? {} : { 'content-type': 'application/json' }
  const answer = await request(server.url + path, { method: method as 'GET', headers: { ...type, ...headers }, body: text ?? null })
  const received = await answer.body.text()
  return {
    status: answer.statusCode,
    headers: answer.headers,
    text: received,
    json: received === '' ? undefined : (JSON.parse(received) as Record<string, unknown>),
  }
}

test('a body is the input, the answer JSON that nobody stores or guesses at', async () => {
  const { server, last } = await echo()
  const answer = await send(server, 'POST', '/orders', { lines: [{ sku: 'a', quantity: 1 }] })
  expect(answer).toMatchObject({ status: 200, json: { lines: [{ sku: 'a', quantity: 1 }], note: '' } })
  expect(answer.headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
  expect(last()).toMatchObject({ operation: 'place', envelope: { identity: { subject: 'anonymous' }, caller: undefined, causedBy: 'command' } })
})

test('a fixed path wins over a parameter; parameters are decoded', async () => {
  const { server, last } = await echo()
  await send(server, 'GET', '/orders/search?text=x&limit=3')
  expect(last()).toMatchObject({ operation: 'search', input: { text: 'x', limit: 3, skus: [] } })
  await send(server, 'GET', '/orders/a%2Fb%20%C3%A9%25')
  expect(last()).toMatchObject({ operation: 'byId', input: { orderId: 'a/b é%' } })
  await send(server, 'DELETE', '/orders/o1?reason=late')
  expect(last()).toMatchObject({ operation: 'cancel', input: { orderId: 'o1', reason: 'late' } })
  await send(server, 'PATCH', '/orders/o1', { note: 'n' })
  expect(last()).toMatchObject({ operation: 'change', input: { orderId: 'o1', note: 'n' } })
})

test('what does not coerce reaches the schema, whose message the caller reads', async () => {
  const { server } = await echo()
  expect(await send(server, 'GET', '/orders/o1/lines/two')).toMatchObject({
    status: 400,
    json: { code: 'invalid_input', issues: [{ path: '/number', message: expect.stringContaining('expected number, received string') }] },
  })
})

test('an operation without output answers 204, one without input takes no body', async () => {
  const { server } = await echo()
  expect(await send(server, 'GET', '/ping')).toMatchObject({ status: 204, text: '' })
  expect(await send(server, 'POST', '/poke')).toMatchObject({ status: 200, json: { hard: false } })
  expect(await send(server, 'POST', '/poke', '')).toMatchObject({ status: 200, json: { hard: false } })
})

test('HEAD is GET without the body', async () => {
  const { server, last } = await echo()
  const answer = await send(server, 'HEAD', '/orders/o1')
  expect(answer).toMatchObject({ status: 200, text: '' })
  expect(answer.headers['content-length']).toBe(String(JSON.stringify({ orderId: 'o1' }).length))
  expect(last().operation).toBe('byId')
})

test('OPTIONS and 405 name the methods, 404 what is near', async () => {
  const { server } = await echo()
  const allow = 'GET, PATCH, DELETE, HEAD, OPTIONS'
  expect(await send(server, 'OPTIONS', '/orders/o1')).toMatchObject({ status: 204, headers: { allow } })
  expect(await send(server, 'PUT', '/orders/o1')).toMatchObject({ status: 405, headers: { allow }, json: { code: 'method_not_allowed' } })
  expect(await send(server, 'GET', '/orders/o1/nothing')).toMatchObject({
    status: 404,
    json: { code: 'not_found', detail: expect.stringContaining('GET /orders/:orderId') },
  })
  expect(await send(server, 'GET', '/nothing')).toMatchObject({ status: 404, json: { detail: expect.stringContaining('/openapi.json') } })
  expect(await raw(server.port, 'OPTIONS * HTTP/1.1', 'Host: a', 'Connection: close', '', '')).toMatch(/^HTTP\/1\.1 204 /)
})

test.each(['/orders/%zz', '/orders/%', '/orders/%E2%82', '/orders/%00', '/orders/search?text=%zz'])('%s is no URL: 400', async (path) => {
  const { server, seen } = await echo()
  const answer = await raw(server.port, `GET ${path} HTTP/1.1`, 'Host: a', 'Connection: close', '', '')
  expect(answer).toMatch(/^HTTP\/1\.1 400 /)
  expect(problemIn(answer)).toMatchObject({ code: 'malformed_request' })
  expect(seen).toEqual([])
})

test('a body that is no JSON: 415, 400', async () => {
  const { server } = await echo()
  expect(await send(server, 'POST', '/poke', 'hard=true', { 'content-type': 'application/x-www-form-urlencoded' })).toMatchObject({
    status: 415,
    json: { code: 'unsupported_media_type' },
  })
  expect(await send(server, 'POST', '/poke', '{')).toMatchObject({ status: 400, json: { code: 'malformed_request' } })
})

test('declared errors have their status and details', async () => {
  const server = await started(checked(() => Promise.reject(orders.place.errors.SoldOut({}))))
  expect(await send(server, 'POST', '/orders', { lines: [{ sku: 'a', quantity: 1 }] })).toMatchObject({
    status: 410,
    headers: { 'content-type': 'application/problem+json' },
    json: { type: 'urn:orders:error:SoldOut', code: 'SoldOut', details: {}, instance: '/orders', traceId: expect.stringMatching(/^[0-9a-f]{32}$/) },
  })
})

test('a fault tells nothing of the inside, but the log under the same trace id', async () => {
  const error = vi.fn<(message: string, fields?: Readonly<Record<string, unknown>>) => void>()
  const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error }
  const cause = new Error('relation "orders" does not exist')
  const server = await started(
    checked(() => Promise.reject(cause)),
    { log },
  )
  const answer = await send(server, 'GET', '/orders/o1')
  expect(answer).toMatchObject({ status: 500, json: { code: 'internal' } })
  expect(answer.text).not.toContain('relation')
  expect(error).toHaveBeenCalledWith(
    expect.any(String),
    expect.objectContaining({ error: cause, traceId: answer.json!['traceId'], service: 'orders', operation: 'byId' }),
  )
})

test('a token that is not good: 401 with the reason', async () => {
  const { server, last } = await echo()
  expect(await send(server, 'GET', '/ping', undefined, { authorization: 'Bearer bad' })).toMatchObject({
    status: 401,
    headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
  })
  await send(server, 'GET', '/ping', undefined, { authorization: 'Bearer good' })
  expect(last().envelope.identity.subject).toBe('u1')
  const closed = await started(checked(() => Promise.reject(new BanyanError('unauthenticated', 'who are you?'))))
  expect(await send(closed, 'GET', '/ping')).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer' } })
})

test('the idempotency key: taken, mapped or made; refused when it is none', async () => {
  const { server, last } = await echo()
  const key = uuidv7()
  await send(server, 'POST', '/poke', {}, { 'idempotency-key': key.toUpperCase() })
  expect(last().envelope).toMatchObject({ key, correlation: key, causation: key })
  await send(server, 'POST', '/poke', {}, { 'idempotency-key': 'order-7' })
  expect(last().envelope.key).toBe('mapped:order-7')
  await send(server, 'POST', '/poke', {})
  expect(isUuidv7(last().envelope.key)).toBe(true)
  for (const bad of ['two words', 'x'.repeat(256)]) {
    expect(await send(server, 'POST', '/poke', {}, { 'idempotency-key': bad })).toMatchObject({ status: 400, json: { code: 'key_invalid' } })
  }
})

test('outsiders may shorten the deadline, not lengthen it, and not say what caused them', async () => {
  const { server, last } = await echo({ limits: { deadlineMs: 1_000 } })
  await send(server, 'POST', '/poke', {}, { 'banyan-deadline-ms': '500', 'banyan-correlation': 'c', 'banyan-causation': 'd', 'banyan-caused-by': 'event' })
  expect(last().envelope.deadline.left()).toBeLessThanOrEqual(500)
  expect(last().envelope).toMatchObject({ correlation: last().envelope.key, causation: last().envelope.key, causedBy: 'command' })
  await send(server, 'POST', '/poke', {}, { 'banyan-deadline-ms': '5000' })
  expect(last().envelope.deadline.left()).toBeLessThanOrEqual(1_000)
  expect(await send(server, 'POST', '/poke', {}, { 'banyan-deadline-ms': 'soon' })).toMatchObject({ status: 400 })
})

test('the trace goes on from the caller’s', async () => {
  const { server, last } = await echo()
  const trace = '0af7651916cd43dd8448eb211c80319c'
  await send(server, 'GET', '/ping', undefined, { traceparent: `00-${trace}-b7ad6b7169203331-01` })
  expect(last().envelope.traceparent).toMatch(new RegExp(`^00-${trace}-(?!b7ad6b7169203331)[0-9a-f]{16}-01$`))
})

test('when time runs out the answer is 504 and the work is told', async () => {
  let signal: AbortSignal | undefined
  const server = await started(
    checked((_operation, _input, envelope) => {
      signal = envelope.signal
      return new Promise(() => undefined)
    }),
  )
  expect(await send(server, 'GET', '/ping', undefined, { 'banyan-deadline-ms': '20' })).toMatchObject({
    status: 504,
    json: { code: 'deadline_exceeded', executed: 'maybe' },
  })
  expect(signal).toMatchObject({ aborted: true, reason: { code: 'deadline_exceeded' } })
})

test('a caller that leaves is no longer worked for', async () => {
  const begun = Promise.withResolvers<AbortSignal>()
  const server = await started(
    checked((_operation, _input, envelope) => {
      begun.resolve(envelope.signal)
      return new Promise(() => undefined)
    }),
  )
  const { socket } = await open(server.port)
  socket.write('GET /ping HTTP/1.1\r\nHost: a\r\n\r\n')
  const signal = await begun.promise
  expect(signal.aborted).toBe(false)
  socket.destroy()
  await vi.waitFor(() => expect(signal).toMatchObject({ aborted: true, reason: { code: 'cancelled' } }))
})

test('requests beyond the limit are refused at once; health is not', async () => {
  const gate = Promise.withResolvers<undefined>()
  let running = 0
  const server = await started(
    checked(() => {
      running++
      return gate.promise
    }),
    { limits: { inFlight: 2 } },
  )
  const first = [send(server, 'GET', '/ping'), send(server, 'GET', '/ping')]
  await vi.waitFor(() => expect(running).toBe(2))
  expect(await send(server, 'GET', '/ping')).toMatchObject({
    status: 503,
    headers: { 'retry-after': '1' },
    json: { code: 'overloaded', retryable: true, executed: 'no' },
  })
  expect(await send(server, 'GET', '/livez')).toMatchObject({ status: 200 })
  gate.resolve(undefined)
  expect(await Promise.all(first)).toMatchObject([{ status: 204 }, { status: 204 }])
  expect(await send(server, 'GET', '/ping')).toMatchObject({ status: 204 })
})

test('health is told check by check', async () => {
  const down = { ready: false, checks: { database: { ok: false, detail: 'no connection' } } }
  const server = await started(
    checked(() => undefined),
    { health: { live: () => true, ready: async () => down } },
  )
  expect(await send(server, 'GET', '/readyz')).toMatchObject({ status: 503, json: { status: 'not ready', checks: down.checks } })
  const broken = await started(
    checked(() => undefined),
    { health: { live: () => false, ready: () => Promise.reject(new Error('oops')) } },
  )
  expect(await send(broken, 'GET', '/readyz')).toMatchObject({ status: 503, json: { checks: { readiness: { ok: false } } } })
  expect(await send(broken, 'GET', '/livez')).toMatchObject({ status: 503 })
})

test('routes of the framework itself', async () => {
  const { server } = await echo({
    extra: [
      {
        method: 'POST',
        path: '/_dev/:what',
        answer: async ({ parameters, query, json }) => ({
          status: 201,
          body: JSON.stringify({ parameters, a: query.get('a'), body: await json() }),
          headers: { 'x-more': '1' },
        }),
      },
      {
        method: 'GET',
        path: '/_page',
        answer({ response }) {
          response.writeHead(200, { 'content-type': 'text/html' }).end('<p>')
          return undefined
        },
      },
    ],
  })
  expect(await send(server, 'POST', '/_dev/token?a=1', { b: 2 })).toMatchObject({
    status: 201,
    headers: { 'x-more': '1' },
    json: { parameters: { what: 'token' }, a: '1', body: { b: 2 } },
  })
  const page = await request(`${server.url}/_page`)
  expect([page.headers['content-type'], await page.body.text()]).toEqual(['text/html', '<p>'])
})

test('a port in use is named', async () => {
  const { server } = await echo()
  await expect(
    serve(
      checked(() => undefined),
      { port: server.port },
    ),
  ).rejects.toMatchObject({ code: 'port_in_use', message: expect.stringContaining(String(server.port)) })
})

test('connections are kept between requests', async () => {
  const { server } = await echo()
  const pool = new Pool(server.url, { connections: 1 })
  const sockets = new Set<string>()
  for (const _ of [1, 2, 3]) {
    const answer = await pool.request({ method: 'POST', path: '/poke', headers: { 'content-type': 'application/json' }, body: '{}' })
    await answer.body.text()
    sockets.add(String(answer.headers['keep-alive']))
  }
  expect([...sockets]).toEqual(['timeout=65'])
  expect(pool.stats.connected).toBe(1)
  await pool.close()
})
