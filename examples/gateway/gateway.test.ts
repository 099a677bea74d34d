import type { ChildProcess } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { createServer, type AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { backend, edge, ended, type Edge } from './processes.ts'

const key = randomBytes(32).toString('base64url')
const running: ChildProcess[] = []
let ports: { readonly articles: number; readonly stock: number }
let door: Edge
let articles: ChildProcess

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

function run<T extends ChildProcess>(child: T): T {
  running.push(child)
  return child
}

beforeAll(async () => {
  ports = { articles: await freePort(), stock: await freePort() }
  articles = run(backend('articles', ports.articles))
  run(backend('stock', ports.stock))
  door = await edge('gateway.yaml', 0, {
    ARTICLES: `http://127.0.0.1:${ports.articles}`,
    STOCK: `http://127.0.0.1:${ports.stock}`,
    PARTNER_KEY_HASH: `sha256:${createHash('sha256').update(key).digest('hex')}`,
  })
  run(door.process)
  const answers = async () => {
    const { status } = await get('/articles/1')
    if (status !== 200) throw new Error(`the articles answer ${status}`)
  }
  await vi.waitFor(answers, { timeout: 60_000 })
})
afterAll(async () => {
  for (const child of running.toReversed()) await ended(child)
})

async function get(path: string, headers: Readonly<Record<string, string>> = {}) {
  const answer = await fetch(door.url + path, { headers })
  return { status: answer.status, headers: answer.headers, body: JSON.parse(await answer.text()) as unknown }
}
const stock = (headers = {}) => get('/v1/stock/figs', headers)
const partner = { 'x-api-key': key }

test('an article comes from its server once, and then from the cache, which says so', async () => {
  const first = await get('/articles/2')
  expect([first.status, first.body]).toEqual([200, { title: 'On roots that come from above', asked: expect.any(Number) }])
  const again = await get('/articles/2')
  expect(again.body).toEqual(first.body)
  expect(again.headers.get('cache-status')).toMatch(/^banyan; hit; ttl=\d+$/)
  expect(again.headers.get('x-content-type-options')).toBe('nosniff')
})

test('stock is for partners: others are told what is missing, and partners how often they may ask', async () => {
  const none = await stock()
  expect([none.status, none.body]).toMatchObject([401, { code: 'unauthenticated' }])
  expect((await stock({ 'x-api-key': 'made up' })).status).toBe(401)
  const good = await stock(partner)
  expect([good.status, good.body]).toMatchObject([200, { success: true, data: { item: 'figs', level: 4, toldTo: 'partner' } }])
  const statuses: number[] = []
  for (let more = 0; more < 5; more++) statuses.push((await stock(partner)).status)
  expect(statuses).toEqual([200, 200, 200, 200, 429])
  const refused = await stock(partner)
  expect([refused.headers.get('retry-after'), refused.body]).toMatchObject([expect.stringMatching(/^\d+$/), { code: 'rate_limited' }])
})

test('who the gateway has found, no client can say', async () => {
  const answer = await get('/v1/stock/roots', { 'x-user-id': 'somebody else' })
  expect(answer.status).toBe(401)
})

test('while the articles are away, those in the cache are served, others refused with a reason; back they are served again', async () => {
  const before = await get('/articles/1')
  await ended(articles)
  await expect.poll(async () => (await get('/articles/1')).headers.get('cache-status')).toMatch(/^banyan; fwd=stale; .*detail="stale-if-error"$/)
  expect((await get('/articles/1')).body).toMatchObject({ title: (before.body as { title: string }).title })
  expect((await get('/articles/9')).body).toMatchObject({ status: 503, code: 'unavailable' })
  articles = run(backend('articles', ports.articles))
  await expect.poll(async () => (await get('/articles/9')).status).toBe(404)
})
