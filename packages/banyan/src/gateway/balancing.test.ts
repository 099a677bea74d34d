import { afterEach, expect, test, vi } from 'vitest'
import { backend, echo, everything, serving, type Backend, type Echoed } from '../../test/gateway/fixture.ts'
import type { Log } from '../model/context.ts'
import { silentLog } from '../observe/log.ts'
import type { Upstream } from './config.ts'
import type { RunningGateway, StartGatewayOptions } from './start-gateway.ts'

const stack: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of stack.splice(0).toReversed()) await one[Symbol.asyncDispose]()
})

/** A server that says its name, and answers `/up` and everything else with the statuses it is given. */
interface Named extends Backend {
  up: number
  status: number
  /** Requests besides those for `/up`. */
  asked: number
}

async function named(name: string): Promise<Named> {
  const state = { up: 200, status: 200, asked: 0 }
  const there = await backend((request, response) => {
    if (request.url === '/up') return response.writeHead(state.up).end()
    state.asked++
    return response.writeHead(state.status).end(name)
  })
  stack.push(there)
  return Object.assign(state, there)
}

async function before(targets: readonly string[], said: Partial<Upstream>, options: Partial<StartGatewayOptions> = {}): Promise<RunningGateway> {
  const edge = await serving(everything(targets, [], said), options)
  stack.push(edge)
  return edge
}

async function ask(url: string, client = '198.51.100.1'): Promise<string> {
  const answer = await fetch(url, { headers: { 'x-forwarded-for': client } })
  return `${answer.status} ${await answer.text()}`
}

async function many(url: string, count: number): Promise<Readonly<Record<string, number>>> {
  const seen: Record<string, number> = {}
  for (let i = 0; i < count; i++) {
    const answer = await ask(url)
    seen[answer] = (seen[answer] ?? 0) + 1
  }
  return seen
}

test('a target that says that it is not well gets nothing, and requests again once it is', async () => {
  const [one, two] = await Promise.all([named('one'), named('two')])
  const edge = await before([one.url, two.url], { health: { path: '/up', intervalMs: 20 } })
  const healthy = () => edge.status().upstreams['all']!.targets.map((target) => target.healthy)
  expect(await many(edge.url, 4)).toEqual({ '200 one': 2, '200 two': 2 })

  one.up = 503
  await vi.waitFor(() => expect(healthy()).toEqual([false, true]), 60_000)
  expect(await many(edge.url, 6)).toEqual({ '200 two': 6 })

  one.up = 200
  await vi.waitFor(() => expect(healthy()).toEqual([true, true]), 60_000)
  expect(await many(edge.url, 4)).toEqual({ '200 one': 2, '200 two': 2 })
})

test('where no target is well, all are asked: better a slow answer than none', async () => {
  const [one, two] = await Promise.all([named('one'), named('two')])
  one.up = two.up = 503
  const edge = await before([one.url, two.url], { health: { path: '/up', intervalMs: 20 } })
  await vi.waitFor(() => expect(edge.status().upstreams['all']!.targets.map((target) => target.healthy)).toEqual([false, false]), 60_000)
  expect(await many(edge.url, 4)).toEqual({ '200 one': 2, '200 two': 2 })
})

test('a target that keeps failing is not asked for a while; it is again when it answers', async () => {
  const one = await named('one')
  one.status = 503
  const edge = await before([one.url], {})
  const breaker = () => edge.status().upstreams['all']!.targets[0]!.breaker!
  expect(await many(edge.url, 5)).toEqual({ '503 one': 5 })
  expect(breaker()).toMatchObject({ state: 'open', reason: '5 calls in a row failed' })

  const refused = await fetch(edge.url)
  expect([refused.status, await refused.json()]).toEqual([503, expect.objectContaining({ code: 'unavailable', retryable: true })])
  expect(one.asked).toBe(5)

  one.status = 200
  await vi.waitFor(async () => expect(await ask(edge.url)).toBe('200 one'), { timeout: 60_000, interval: 50 })
  await many(edge.url, 2) // with the first, as many as it wants to see
  expect(breaker()).toMatchObject({ state: 'closed', reason: '3 probes succeeded' })
})

test('errors of single requests do not open it', async () => {
  const one = await named('one')
  one.status = 500 // about one request, not about the server
  const edge = await before([one.url], {})
  expect(await many(edge.url, 30)).toEqual({ '500 one': 30 })
  expect(edge.status().upstreams['all']!.targets[0]!.breaker).toMatchObject({ state: 'closed' })
})

test('targets get requests by their weights', async () => {
  const [one, two] = await Promise.all([named('one'), named('two')])
  const targets = [
    { url: one.url, weight: 3 },
    { url: two.url, weight: 1 },
  ]
  const edge = await before([], { balance: 'weighted', targets })
  expect(await many(edge.url, 40)).toEqual({ '200 one': 30, '200 two': 10 })
})

test('the requests of one address go to one target, and stay where another one goes', async () => {
  const servers = await Promise.all(['one', 'two', 'three'].map(named))
  const urls = servers.map(({ url }) => url)
  const edge = await before(urls, { balance: 'consistent-hash', attempts: 3 }, { trusted: ['loopback'] })
  const clients = Array.from({ length: 24 }, (_, index) => `198.51.100.${index}`)
  const found = async () => {
    const targets = new Map<string, string>()
    for (const client of clients) targets.set(client, await ask(edge.url, client))
    return targets
  }
  const first = await found()
  expect(new Set(first.values()).size).toBe(3)
  expect(await found()).toEqual(first)

  const gone = servers[0]!
  await gone[Symbol.asyncDispose]()
  stack.splice(stack.indexOf(gone), 1)
  const after = await found()
  for (const [client, target] of first) if (target !== '200 one') expect(after.get(client)).toBe(target)
  expect([...after.values()]).not.toContain('200 one')
})

test('a proxy in front is believed what it says of the client only where it is trusted', async () => {
  const there = await backend(echo)
  stack.push(there)
  const headers = { 'x-forwarded-for': '6.6.6.6, 198.51.100.7', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'shop.example' }
  const seen = async (trusted: readonly string[]) => {
    const edge = await before([there.url], {}, { trusted })
    return ((await (await fetch(edge.url, { headers })).json()) as Echoed).headers
  }
  expect(await seen(['loopback'])).toMatchObject({
    'x-forwarded-for': '6.6.6.6, 198.51.100.7, 127.0.0.1',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'shop.example',
    forwarded: 'for=198.51.100.7;host="shop.example";proto=https',
  })
  for (const trusted of [[], ['10.0.0.0/8']]) {
    const said = await seen(trusted)
    expect(said).toMatchObject({
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
      forwarded: expect.stringMatching(/^for=127\.0\.0\.1;.*;proto=http$/),
    })
    expect(JSON.stringify(said)).not.toMatch(/6\.6\.6\.6|198\.51|shop\.example/)
  }
})

test('where no target can serve, clients are told which upstream and how its targets are, and the log where they are and why', async () => {
  const two = await named('two')
  two.up = 503
  two.status = 503
  const warn = vi.fn<Log['warn']>()
  const edge = await before(['http://127.0.0.1:1', two.url], { health: { path: '/up', intervalMs: 20 }, attempts: 1 }, { log: { ...silentLog, warn } })
  const answers: Response[] = []
  await vi.waitFor(async () => {
    answers.push(await fetch(edge.url))
    expect(edge.status().upstreams['all']!.targets.map(({ breaker }) => breaker?.state)).toEqual(['open', 'open'])
  }, 60_000)
  const last = await fetch(edge.url)
  expect([last.status, last.headers.get('retry-after')]).toEqual([503, '1'])
  const { detail, code } = (await last.json()) as { detail: string; code: string }
  expect([code, detail]).toEqual(['unavailable', "Upstream 'all' gave no answer: of its targets 2 left alone after failures. Try again in a moment."])
  const message = String(warn.mock.calls.at(-1)?.[1]?.['error'])
  expect(message).toMatch(/upstream 'all' cannot be asked: http:\/\/127\.0\.0\.1:1 left alone after failures \(.*calls.* failed; .*ECONNREFUSED.*\); http/)
  expect(message).not.toMatch(/unit|database/)
})
