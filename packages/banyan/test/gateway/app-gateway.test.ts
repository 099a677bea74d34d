import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { anyone, app, contract, implement, query, redis, start, topology } from '../../src/index.ts'
import { unitAsker } from '../../src/cli/ask-unit.ts'
import { silentLog } from '../../src/observe/log.ts'
import { testInstallation, type TestInstallation } from '../../src/testing/installation.ts'
import { plainServer } from '../http/peers.ts'
import { asHost } from './as-host.ts'
import { NO_REDIS, sharedRedis, testPrefix } from '../redis.ts'
import { opened } from '../http/stack.ts'

const keep = opened()
const directory = mkdtempSync(join(tmpdir(), 'banyan-app-gateway-'))
const file = join(directory, 'gateway.yaml')
let installation: TestInstallation
beforeAll(async () => {
  installation = await testInstallation()
})
afterEach(() => rmSync(file, { force: true }))
afterAll(async () => {
  rmSync(directory, { recursive: true })
  await installation[Symbol.asyncDispose]()
})

const shelf = contract('shelf', { titles: query({ http: 'GET /titles', output: z.array(z.string()) }) })
const service = implement(shelf).service({ handlers: { titles: () => ['Ulysses'] }, policies: { titles: { access: anyone() } } })
const library = () =>
  app('library', {
    services: { shelf: async () => ({ default: service }) },
    gateway: { file },
    topologies: { split: topology({ units: { edge: [], back: ['shelf'] } }) },
  })

test('an old system stands behind the same door as the app, and its file is followed', async () => {
  const old = keep(await plainServer((request, response) => response.end(`old ${request.url}`)))
  writeFileSync(file, `upstreams: { old: '${old.origin}' }\nroutes: [{ path: /loans/*, to: old }, { path: /titles, to: old }]`)
  await using running = await start(library(), { ...installation.options, log: silentLog })
  const get = async (path: string) => {
    const answer = await fetch(running.url + path)
    return [answer.status, await answer.text()]
  }
  expect(await get('/titles')).toEqual([200, '["Ulysses"]'])
  expect(await get('/loans/1?late=yes')).toEqual([200, 'old /loans/1?late=yes'])
  expect((await get('/fines'))[0]).toBe(404)
  const paths = async () => Object.keys((JSON.parse(String((await get('/openapi.json'))[1])) as { paths: object }).paths)
  expect(await paths()).toEqual(['/titles', '/loans/{rest}'])
  writeFileSync(file, `upstreams: { old: '${old.origin}' }\nroutes: [{ path: /fines, to: old }]`)
  await expect.poll(() => get('/fines')).toEqual([200, 'old /fines'])
  expect((await get('/loans/1'))[0]).toBe(404)
  expect(await paths()).toEqual(['/titles', '/fines'])
})

test('a unit without services is a door and nothing else', async () => {
  const old = keep(await plainServer((request, response) => response.end(`old ${request.url}`)))
  writeFileSync(file, `upstreams: { old: '${old.origin}' }\nroutes: [{ path: /loans/*, to: old }]`)
  const shared = { ...installation.options, topology: 'split', secret: 'a secret that the two units share', log: silentLog }
  await using back = await start(library(), { ...shared, unit: 'back' })
  await using edge = await start(library(), { ...shared, unit: 'edge' })
  for (const { url } of [edge, back]) {
    expect(await (await fetch(`${url}/titles`)).text()).toBe('["Ulysses"]')
    expect(await (await fetch(`${url}/loans/1`)).text()).toBe('old /loans/1')
  }
  const { status } = await keep(unitAsker(installation.options.name, shared.secret)).status(edge.url)
  expect(status?.gateway).toMatchObject({ routes: { '/loans/*': { to: 'old' } }, upstreams: { old: { targets: [{ calls: 1, failures: 0 }] } } })
})

test('units count limits and pass purges on in the Redis of their topology', async ({ skip }) => {
  const url = await sharedRedis()
  if (url === undefined) return skip(NO_REDIS)
  let asked = 0
  const old = keep(await plainServer((_request, response) => response.setHeader('cache-control', 'max-age=600').end(`old ${++asked}`)))
  writeFileSync(
    file,
    `upstreams: { old: '${old.origin}' }\nroutes: [{ path: /loans, to: old, policies: [limit: { rate: 3/d, per: route, store: redis }] }, { path: /kept, to: old, policies: [cache] }]`,
  )
  const place = redis(url, { prefix: testPrefix() })
  const shared = app('library', {
    services: { shelf: async () => ({ default: service }) },
    gateway: { file },
    topologies: { split: topology({ units: { edge: [], back: ['shelf'] }, limits: place, cache: place, whenAway: 'closed' }) },
  })
  const options = { ...installation.options, topology: 'split', secret: 'a secret that the two units share', log: silentLog }
  await using back = await start(shared, { ...options, unit: 'back' })
  await using edge = await start(shared, { ...options, unit: 'edge' })
  const get = async (at: { url: string }, path: string, method = 'GET') => {
    const { status, text } = await asHost(at.url + path, { method })
    return [status, text] as const
  }
  const statuses = [await get(back, '/loans'), await get(edge, '/loans'), await get(back, '/loans'), await get(edge, '/loans')].map(([status]) => status)
  expect(statuses).toEqual([200, 200, 200, 429])
  const [, before] = await get(edge, '/kept')
  expect(await get(edge, '/kept')).toEqual([200, before])
  await get(back, '/kept', 'PUT')
  await expect.poll(() => get(edge, '/kept')).not.toEqual([200, before])
  const { status } = await keep(unitAsker(installation.options.name, options.secret)).status(edge.url)
  expect(status?.gateway).toMatchObject({ shared: { limits: { status: 'healthy' }, purges: { status: 'healthy' } } })
})

test('a file with mistakes keeps the app from starting, and every one is said', async () => {
  writeFileSync(file, 'upstreams: { old: ftp://old }\nroutes: [{ path: /loans/*, to: odl }]')
  await expect(start(library(), { ...installation.options, log: silentLog })).rejects.toMatchObject({
    code: 'invalid_configuration',
    message: expect.stringMatching(/gateway\.yaml:1:[^]*gateway\.yaml:2:/),
  })
})

test('a relative path leads nowhere', async () => {
  const lost = app('library', { services: { shelf: async () => ({ default: service }) }, gateway: { file: './gateway.yaml' } })
  await expect(start(lost, { ...installation.options, log: silentLog })).rejects.toMatchObject({
    code: 'invalid_app',
    message: expect.stringContaining("gateway.file is './gateway.yaml', which is relative"),
  })
})
