import { afterEach, expect, test } from 'vitest'
import { backend, echo, everything, serving } from '../../test/gateway/fixture.ts'
import type { AccessLogForm } from '../model/app.ts'
import { accessLog } from '../observe/access-log.ts'

const stack: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of stack.splice(0).toReversed()) await one[Symbol.asyncDispose]()
})

async function statusOf(url: string): Promise<number> {
  const answer = await fetch(url)
  await answer.text()
  return answer.status
}

test('another configuration takes over in one moment: nothing under way fails', async () => {
  const [one, two] = await Promise.all([backend(echo), backend(echo)])
  stack.push(one, two)
  const edge = await serving(everything([one.url]))
  stack.push(edge)
  const statuses = new Set<number>()
  const loading = new AbortController()
  const asking = Array.from({ length: 4 }, async () => {
    while (!loading.signal.aborted) statuses.add(await statusOf(edge.url))
  })
  for (let i = 0; i < 50; i++) {
    await edge.load(everything([i % 2 === 0 ? two.url : one.url]))
    await statusOf(edge.url)
  }
  loading.abort()
  await Promise.all(asking)
  expect(statuses).toEqual(new Set([200]))
})

test('a configuration with mistakes changes nothing', async () => {
  const there = await backend(echo)
  stack.push(there)
  const edge = await serving(everything([there.url]))
  stack.push(edge)
  await expect(edge.load(everything([there.url], [{ kind: 'none', settings: {}, line: 3 }]))).rejects.toMatchObject({
    code: 'invalid_configuration',
    message: expect.stringContaining('line 3'),
  })
  expect((await fetch(edge.url)).status).toBe(200)
})

test('the status counts answers by route and by upstream', async () => {
  const there = await backend((request, response) => response.writeHead(request.url === '/no' ? 404 : 200).end())
  stack.push(there)
  const edge = await serving(everything([there.url]))
  await fetch(edge.url)
  await fetch(`${edge.url}/no`)
  await edge[Symbol.asyncDispose]() // then both are counted
  const { routes, upstreams } = edge.status()
  expect(routes['all']).toMatchObject({ to: 'all', inFlight: 0, answers: { '2xx': 1, '4xx': 1, '5xx': 0, gone: 0 } })
  expect(upstreams['all']!.lately.p99Ms).toBeGreaterThan(0)
})

test('and what policies have made of requests, which the access log says too', async () => {
  const there = await backend((_request, response) => response.writeHead(200, { 'cache-control': 'max-age=60' }).end('kept'))
  stack.push(there)
  const lines: string[] = []
  const policies = [
    { kind: 'ip', settings: { deny: ['192.0.2.0/24'] }, line: 1 },
    { kind: 'limit', settings: { rate: '3/h' }, line: 2 },
    { kind: 'cache', settings: {}, line: 3 },
  ]
  const options = { accessLog: accessLog('json', { write: (text) => lines.push(text) }), trusted: ['127.0.0.1'] }
  const edge = await serving(everything([there.url], policies), options)
  for (const from of ['198.51.100.1', '198.51.100.1', '198.51.100.1', '198.51.100.1', '192.0.2.9'])
    await (await fetch(edge.url, { headers: { 'x-forwarded-for': from } })).text()
  await edge[Symbol.asyncDispose]()
  expect(edge.status().routes['all']).toMatchObject({ cache: { hits: 2, misses: 1 }, refused: { limit: 1, access: 1 }, answers: { '2xx': 3, '4xx': 2 } })
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { status: 200, cache: 'miss' },
    { status: 200, cache: 'hit' },
    { status: 200, cache: 'hit' },
    { status: 429, refused: 'limit' },
    { status: 403, refused: 'access' },
  ])
})

test.each<[AccessLogForm, RegExp]>([
  ['common', /^127\.0\.0\.1 - - \[\d\d\/\w{3}\/\d{4}:\d\d:\d\d:\d\d \+0000\] "GET \/a\?access_token=\[redacted\]&b=1 HTTP\/1\.1" 200 2\n$/],
  ['combined', /" 200 2 "-" "tester"\n$/],
  ['json', /^\{"time":"[^"]+","client":"127\.0\.0\.1","method":"GET","target":"\/a\?access_token=\[redacted\]&b=1",.*"status":200,"bytes":2,.*\}\n$/],
])('the access log as %s, without secrets', async (form, line) => {
  const there = await backend((_request, response) => response.end('ok'))
  stack.push(there)
  const lines: string[] = []
  const edge = await serving(everything([there.url]), { accessLog: accessLog(form, { write: (text) => lines.push(text) }) })
  await (await fetch(`${edge.url}/a?access_token=s3cret&b=1`, { headers: { authorization: 'Bearer abc', 'user-agent': 'tester' } })).text()
  await edge[Symbol.asyncDispose]()
  expect(lines).toEqual([expect.stringMatching(line)])
  expect(lines.join('')).not.toMatch(/s3cret|abc/)
})
