import type { IncomingMessage, ServerResponse } from 'node:http'
import { afterEach, expect, test, vi } from 'vitest'
import { backend, everything, policy, serving } from '../../test/gateway/fixture.ts'
import { open, raw } from '../../test/http/raw.ts'
import type { PolicyConfig, UpstreamBulkhead } from './config.ts'
import type { RunningGateway } from './start-gateway.ts'

const stack: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of stack.splice(0).toReversed()) await one[Symbol.asyncDispose]()
})

/** A server that holds each request until it is told to answer, and the gateway before it. */
async function held(bulkhead: UpstreamBulkhead, policies: readonly PolicyConfig[] = []) {
  const asked: { readonly request: IncomingMessage; readonly response: ServerResponse }[] = []
  const there = await backend((request, response) => void asked.push({ request, response }))
  stack.push(there)
  const edge = await serving(everything([there.url], policies, { bulkhead, attempts: 1, timeoutMs: 60_000 }))
  stack.push(edge)
  const arrived = (count: number) => vi.waitFor(() => expect(asked).toHaveLength(count), 60_000)
  return { edge, asked, arrived, there }
}

const places = (edge: RunningGateway) => edge.status().upstreams['all']!.bulkhead!
const waiting = (edge: RunningGateway, count: number) => vi.waitFor(() => expect(places(edge).waiting).toBe(count), 60_000)

test.each<[string, readonly PolicyConfig[]]>([
  ['as it comes', []],
  ['through policies', [policy('security-headers')]],
])('%s: so many requests are under way, so many wait in turn, and more are refused at once', async (_name, policies) => {
  const { edge, asked, arrived } = await held({ limit: 2, queue: 1, waitMs: 60_000 }, policies)
  const first = [fetch(`${edge.url}/1`), fetch(`${edge.url}/2`)]
  await arrived(2)
  const third = fetch(`${edge.url}/3`)
  await waiting(edge, 1)
  const refused = await fetch(`${edge.url}/4`, { method: 'POST', body: 'x' })
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1'])
  expect(await refused.json()).toMatchObject({
    code: 'overloaded',
    executed: 'no',
    detail: expect.stringMatching(/^upstream 'all': 2 calls are under way and 1 wait/),
  })
  expect(places(edge)).toEqual({ running: 2, waiting: 1, limit: 2, refused: 1, late: 0 })

  asked[0]!.response.end('done')
  await arrived(3)
  expect(asked[2]!.request.url).toBe('/3')
  for (const { response } of asked.slice(1)) response.end('done')
  for (const answer of await Promise.all([...first, third])) expect(await answer.text()).toBe('done')
  await expect.poll(() => places(edge)).toMatchObject({ running: 0, waiting: 0 })
})

test('a request that has waited as long as it may is refused, and the upstream hears nothing of it', async () => {
  const { edge, asked, arrived } = await held({ limit: 1, queue: 5, waitMs: 10 })
  const first = fetch(edge.url)
  await arrived(1)
  const late = await fetch(edge.url, { method: 'POST', body: 'x' })
  expect([late.status, late.headers.get('retry-after')]).toEqual([503, '1'])
  expect(await late.json()).toMatchObject({
    code: 'overloaded',
    executed: 'no',
    detail: "upstream 'all': none of its 1 places was left in 10 ms; try again in a moment",
  })
  expect(places(edge)).toEqual({ running: 1, waiting: 0, limit: 1, refused: 0, late: 1 })
  asked[0]!.response.end()
  await first
  expect(asked).toHaveLength(1)
})

test('a client that leaves while it waits gives its turn up, one that leaves later its place', async () => {
  const { edge, asked, arrived } = await held({ limit: 1, queue: 5, waitMs: 60_000 })
  const leaving = [new AbortController(), new AbortController()]
  const gone = leaving.map(async ({ signal }, index) => {
    if (index === 1) await arrived(1)
    await expect(fetch(`${edge.url}/${index}`, { signal })).rejects.toThrow('aborted')
  })
  await waiting(edge, 1)
  const last = fetch(`${edge.url}/last`)
  await waiting(edge, 2)
  leaving[1]!.abort()
  await waiting(edge, 1)
  leaving[0]!.abort()
  await arrived(2)
  expect(asked[1]!.request.url).toBe('/last')
  asked[1]!.response.end()
  expect((await last).status).toBe(200)
  await Promise.all(gone)
  await expect.poll(() => places(edge)).toMatchObject({ running: 0, waiting: 0 })
})

test('a place is kept to the last byte of an answer, by attempts that fail too, and by a tunnel until it is open', async () => {
  const { edge, asked, arrived, there } = await held({ limit: 1, queue: 0, waitMs: 1 })
  const first = fetch(edge.url)
  await arrived(1)
  asked[0]!.response.write('begun')
  await first
  expect((await fetch(edge.url)).status).toBe(503)
  asked[0]!.response.destroy()
  await expect(first.then((answer) => answer.text())).rejects.toThrow('terminated')
  await expect.poll(() => places(edge).running).toBe(0)

  there.server.on('upgrade', (_request, socket) => void socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: chat\r\n\r\nhello'))
  const tunnel = await open(edge.port)
  tunnel.socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: chat\r\n\r\n')
  await expect.poll(() => tunnel.text()).toContain('hello')
  expect(places(edge).running).toBe(0)
  const second = fetch(edge.url)
  await arrived(2)
  expect(await raw(edge.port, 'GET / HTTP/1.1', 'Host: a', 'Connection: Upgrade', 'Upgrade: chat', '', '')).toMatch(/^HTTP\/1\.1 503 [^]*overloaded/)
  asked[1]!.response.end()
  await second
  tunnel.socket.destroy()
})
