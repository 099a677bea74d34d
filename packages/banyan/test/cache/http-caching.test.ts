import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { silentLog } from '../../src/observe/log.ts'
import type { RunningApp } from '../../src/testing/runner.ts'
import { runners } from '../../src/testing/runners.ts'
import { send } from '../http/requests.ts'
import ledgers, { origin, runs, type accounts, type reports } from './accounts.ts'

let running: RunningApp<{ accounts: typeof accounts; reports: typeof reports }>
beforeAll(async () => {
  running = await runners[0].start(ledgers, { log: silentLog })
  await running.call.accounts.set({ name: 'a', holder: 'ada', amount: 1 })
  await running.quiet()
})
beforeEach(() => {
  runs.clear()
  origin.failure = undefined
})
afterAll(() => running[Symbol.asyncDispose]())

const get = (path: string, headers: Record<string, string> = {}) => send(running, 'GET', path, undefined, headers)

test('what everybody may see says for how long, what it depends on, and where it came from', async () => {
  const first = await get('/accounts/a')
  expect(first).toMatchObject({ status: 200, json: { name: 'a', holder: 'ada', amount: 1 } })
  expect(first.headers).toMatchObject({
    'cache-control': 'public, max-age=0, s-maxage=3600, stale-if-error=3600',
    'cache-status': 'banyan; fwd=miss; ttl=3599',
    'cache-tag': 'accounts/account:a',
    'surrogate-key': 'accounts/account:a',
    vary: 'authorization, banyan-session',
    age: '0',
  })
  const second = await get('/accounts/a')
  expect(second.headers).toMatchObject({ etag: first.headers['etag'], 'cache-status': 'banyan; hit; ttl=3599' })
  expect(second.text).toBe(first.text)
  expect(runs.get('byName')).toBe(1)
})

test('who has it is told that it has not changed, until it has', async () => {
  const { etag } = (await get('/accounts/a')).headers as { etag: string }
  for (const said of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
    const answer = await get('/accounts/a', { 'if-none-match': said })
    expect([answer.status, answer.text, answer.headers['etag']]).toEqual([304, '', etag])
    expect(answer.headers['content-length']).toBeUndefined()
  }
  expect((await get('/accounts/a', { 'if-none-match': '"other"' })).status).toBe(200)
  await running.call.accounts.set({ name: 'a', holder: 'ada', amount: 2 })
  await running.quiet()
  const after = await get('/accounts/a', { 'if-none-match': etag })
  expect(after).toMatchObject({ status: 200, json: { amount: 2 } })
})

test('what is for one caller is for its own browser alone', async () => {
  const token = await running.token({ subject: 'ada', roles: ['customer'] })
  const answer = await get('/whoami', { authorization: `Bearer ${token}` })
  expect(answer.headers).toMatchObject({ 'cache-control': 'private, no-cache', vary: 'authorization, banyan-session' })
  const other = await running.token({ subject: 'bo' })
  const seen = await get('/whoami', { authorization: `Bearer ${other}`, 'if-none-match': String(answer.headers['etag']) })
  expect(seen).toMatchObject({ status: 200, json: { subject: 'bo' } })
  // shared in the service, but behind a rule that no cache on the way can ask
  const mine = await get('/accounts/a/mine', { authorization: `Bearer ${token}` })
  expect(mine.headers['cache-control']).toBe('private, no-cache')
  expect((await get('/accounts/a/mine', { authorization: `Bearer ${other}` })).status).toBe(403)
})

test('what is shared is not for caches that serve many when somebody asks with a token', async () => {
  const token = await running.token({ subject: 'ada' })
  expect((await get('/accounts/a', { authorization: `Bearer ${token}` })).headers['cache-control']).toBe('private, no-cache')
})

test('tenants do not see each other', async () => {
  const [one, two] = [await running.token({ subject: 'ada' }), await running.token({ subject: 'ada', tenant: 'two' })]
  runs.clear()
  await get('/accounts/a', { authorization: `Bearer ${one}` })
  await get('/accounts/a', { authorization: `Bearer ${two}` })
  expect(runs.get('byName')).toBe(1)
})

test('a browser may be told not to ask for a while', async () => {
  expect((await get('/total')).headers).toMatchObject({ 'cache-control': 'public, max-age=5, s-maxage=3600', vary: 'authorization' })
})

test('without a declaration nothing may be stored', async () => {
  const { headers } = await get('/plain/a')
  expect(headers['cache-control']).toBe('no-store')
  expect([headers['etag'], headers['cache-status']]).toEqual([undefined, undefined])
})

test('a refusal is not stored on the way', async () => {
  const answer = await get('/accounts/nobody')
  expect(answer).toMatchObject({ status: 404, headers: { 'cache-control': 'no-store' } })
  await get('/accounts/nobody')
  expect(runs.get('byName')).toBe(1)
})

test('who has written is not answered that nothing has changed', async () => {
  const { etag } = (await get('/accounts/a')).headers as { etag: string }
  const written = await send(running, 'PUT', '/accounts/a', { holder: 'ada', amount: 77 })
  const session = String(written.headers['banyan-session'])
  const answer = await get('/accounts/a', { 'if-none-match': etag, 'banyan-session': session })
  expect(answer).toMatchObject({ status: 200, json: { amount: 77 } })
})

test('HEAD is answered like GET, without a body', async () => {
  const [head, whole] = [await send(running, 'HEAD', '/accounts/a'), await get('/accounts/a')]
  expect([head.status, head.text, head.headers['etag']]).toEqual([200, '', whole.headers['etag']])
})

test('an answer of another unit says the same', async () => {
  await using split = await runners[2].start(ledgers, { log: silentLog, topology: 'two' })
  await split.call.accounts.set({ name: 'far', holder: 'ada', amount: 1 })
  await split.quiet()
  const desk = split.urls[1]!
  const first = await fetch(`${desk}/accounts/far`)
  expect([first.headers.get('cache-status'), first.headers.get('age')]).toEqual(['banyan; fwd=miss; ttl=3599', '0'])
  const again = await fetch(`${desk}/accounts/far`)
  expect(again.headers.get('cache-status')).toBe('banyan; hit; ttl=3599')
  const own = await fetch(`${split.url}/accounts/far`)
  expect([again.headers.get('etag'), await again.text()]).toEqual([own.headers.get('etag'), await own.text()])
  expect((await fetch(`${desk}/accounts/far`, { headers: { 'if-none-match': again.headers.get('etag')! } })).status).toBe(304)
})
