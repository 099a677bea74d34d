import { expect, test } from 'vitest'
import { checked, serve, somebody } from '../../../test/http/fixture.ts'
import { opened } from '../../../test/http/stack.ts'
import { BanyanError } from '../../kernel/errors.ts'
import { accessLog } from '../../observe/access-log.ts'
import type { HttpServerOptions } from './options.ts'

const keep = opened()

function written(): { readonly log: NonNullable<HttpServerOptions['accessLog']>; lines(): readonly Record<string, unknown>[] } {
  const texts: string[] = []
  return { log: accessLog('json', { write: (text) => texts.push(text) }), lines: () => texts.map((text) => JSON.parse(text) as Record<string, unknown>) }
}

const answers = checked(({ name }, _input, envelope) => {
  if (name === 'line') throw new Error('broken')
  if (name === 'cancel') throw new BanyanError('forbidden', 'this is for staff')
  if (name === 'search')
    envelope.facts = { kept: { text: '[]', etag: '"1"' }, way: envelope.identity.subject === 'u1' ? 'hit' : 'loaded', ageMs: 0, freshMs: 1_000 }
  return name === 'byId' ? { orderId: '1', total: { amount: 1, currency: 'EUR' } } : []
})
const cache: NonNullable<HttpServerOptions['cache']> = ({ name }) =>
  name === 'search' ? { everybody: true, session: false, browser: 0, cdn: 0, staleWhileRevalidate: 0, staleIfError: 0, tags: () => [] } : undefined
let left = 1
const gates: NonNullable<HttpServerOptions['gates']> = ({ name }) =>
  name === 'byId'
    ? { first: { pass: () => ({ refusal: left-- > 0 ? undefined : new BanyanError('rate_limited', 'too often'), policy: '', state: '' }) } }
    : undefined

test('requests are counted by operation: answers, times, what the cache gave, and what was refused and by what', async () => {
  const server = keep(await serve(answers, { cache, gates }))
  const ask = async (path: string, init: RequestInit = {}) => {
    const answer = await fetch(server.url + path, init)
    await answer.text()
    return answer.status
  }
  expect(server.operations()).toEqual({})
  const good = { headers: { authorization: 'Bearer good' } }
  expect([await ask('/orders/1'), await ask('/orders/1')]).toEqual([200, 429])
  expect([await ask('/orders/search'), await ask('/orders/search', good), await ask('/orders/search', good)]).toEqual([200, 200, 200])
  expect([await ask('/orders/1/lines/2'), await ask('/orders/1/lines/x')]).toEqual([500, 400])
  expect([await ask('/orders/1', { method: 'DELETE' }), await ask('/ping', { headers: { authorization: 'Bearer bad' } })]).toEqual([403, 401])
  // an answer is counted once its last byte is out, which the client may see first
  await expect.poll(() => server.operations()['orders.ping']?.inFlight).toBe(0)
  const { 'orders.byId': byId, 'orders.search': search, 'orders.line': line, 'orders.cancel': cancel, 'orders.ping': ping } = server.operations()
  expect(byId).toMatchObject({ inFlight: 0, answers: { '2xx': 1, '4xx': 1 }, refused: { limit: 1, access: 0 }, cache: { hits: 0, misses: 0 } })
  expect(byId!.lately).toMatchObject({ answers: { '2xx': 1, '4xx': 1 }, p99Ms: expect.any(Number) })
  expect(byId!.lately.p50Ms).toBeGreaterThan(0)
  expect(search).toMatchObject({ answers: { '2xx': 3 }, cache: { hits: 2, misses: 1 } })
  expect(line).toMatchObject({ answers: { '4xx': 1, '5xx': 1 }, refused: { limit: 0, access: 0 } })
  expect([cancel!.refused, ping!.refused]).toEqual([
    { limit: 0, access: 1 },
    { limit: 0, access: 1 },
  ])
  expect(Object.keys(server.operations())).not.toContain('orders.place')
})

test('a query that is watched is in flight as long, and its time is not counted', async () => {
  const server = keep(await serve(answers))
  const leaving = new AbortController()
  const answer = await fetch(`${server.url}/orders/1`, { headers: { accept: 'text/event-stream' }, signal: leaving.signal })
  await answer.body!.getReader().read()
  expect(server.operations()['orders.byId']).toMatchObject({ inFlight: 1 })
  leaving.abort()
  await expect.poll(() => server.operations()['orders.byId']?.inFlight).toBe(0)
  expect(server.operations()['orders.byId']).toMatchObject({ lately: { answers: { '2xx': 1 }, p99Ms: 0 } })
})

test('each request from outside is taken down: who, what, how it ended, what the cache and limits did; no secrets', async () => {
  left = 0
  const { log, lines } = written()
  const server = keep(await serve(answers, { cache, gates, accessLog: log, peer: { verify: () => ({ caller: undefined, identity: somebody }) } }))
  const ask = async (path: string, init: RequestInit = {}) => (await fetch(server.url + path, init)).text()
  const trace = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
  const found = await ask('/orders/search?text=a&access_token=s3cret', { headers: { authorization: 'Bearer good', traceparent: trace } })
  await ask('/orders/1')
  await ask('/log-in/return?code=s3cret&state=s3cret2')
  await ask('/~/orders/secretly', { method: 'POST', headers: { authorization: 'Bearer peer', 'content-type': 'application/json' }, body: '{"n":1}' })
  await ask('/livez')
  await expect.poll(() => lines().length).toBe(4)
  expect(lines()).toMatchObject([
    {
      client: '127.0.0.1',
      subject: 'u1',
      method: 'GET',
      target: '/orders/search?text=a&access_token=[redacted]',
      status: 200,
      bytes: found.length,
      ms: expect.any(Number),
      operation: 'orders.search',
      cache: 'hit',
      traceId: trace.split('-')[1],
    },
    { status: 429, operation: 'orders.byId', refused: 'limit' },
    { status: 404, target: '/log-in/return?code=[redacted]&state=s3cret2' },
    { status: 200, target: '/livez' },
  ])
  expect(lines()[1]).not.toHaveProperty('subject')
  expect(lines()[1]).not.toHaveProperty('cache')
})

test('a client that leaves before its answer is taken down as 499, and counted as gone', async () => {
  const { log, lines } = written()
  const begun = Promise.withResolvers<void>()
  const server = keep(
    await serve(
      async (_operation, _input, { signal }) => {
        begun.resolve()
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
      },
      { accessLog: log },
    ),
  )
  const leaving = new AbortController()
  const asked = fetch(`${server.url}/ping`, { signal: leaving.signal }).catch(() => undefined)
  await begun.promise
  leaving.abort()
  await asked
  await expect.poll(lines).toMatchObject([{ status: 499, operation: 'orders.ping', client: '127.0.0.1' }])
  expect(server.operations()['orders.ping']).toMatchObject({ inFlight: 0, answers: { gone: 1 } })
})
