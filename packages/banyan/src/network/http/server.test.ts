import { Pool, request } from 'undici'
import { expect, test, vi } from 'vitest'
import { checked, orders, serve, type Invoke } from '../../../test/http/fixture.ts'
import { problemIn, raw } from '../../../test/http/raw.ts'
import { echoing, send } from '../../../test/http/requests.ts'
import { opened } from '../../../test/http/stack.ts'
import { BanyanError } from '../../kernel/errors.ts'
import type { HttpServerOptions } from './options.ts'

const keep = opened()
const started = async (invoke: Invoke, options: Partial<HttpServerOptions> = {}) => keep(await serve(invoke, options))
async function echo(options: Partial<HttpServerOptions> = {}) {
  const echo = echoing()
  return { ...echo, server: keep(await serve(echo.invoke, options)) }
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
