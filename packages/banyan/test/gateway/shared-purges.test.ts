import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { invalidate } from '../../src/cache/redis/scripts.ts'
import { silentLog } from '../../src/observe/log.ts'
import { openRedis } from '../../src/store/redis.ts'
import { banyan } from '../cli/memory-io.ts'
import { hasRedisServer, NO_REDIS, NO_REDIS_SERVER, OwnRedis, sharedRedis, testPrefix } from '../redis.ts'
import { asHost } from './as-host.ts'
import { origin } from './edge.ts'
import { EdgeProcess } from './edge-processes.ts'

/** Counts what it is asked for, so that an answer that was kept can be told from a new one. */
const counting = () => {
  let asked = 0
  return origin((request, response) => {
    response.setHeader('cache-control', 'max-age=600')
    response.setHeader('cache-tag', request.url!.slice(1))
    response.end(`${request.method} ${++asked}`)
  })
}
const file = (redis: string, prefix: string, target: string) =>
  `redis: { url: '${redis}', prefix: '${prefix}' }\nupstreams: { a: '${target}' }\nroutes: [{ path: /*, to: a, policies: [cache] }]`

const reading =
  (edge: EdgeProcess) =>
  async (path: string, method = 'GET') =>
    (await asHost(edge.url + path, { method })).text

test('what one gateway purges, by tag, by resource or by an unsafe request, the others do too', async ({ skip }) => {
  const redis = await sharedRedis()
  if (redis === undefined) return skip(NO_REDIS)
  await using behind = await counting()
  const prefix = testPrefix()
  const text = file(redis, prefix, behind.url)
  await using one = await EdgeProcess.start(text)
  await using other = await EdgeProcess.start(text)
  const [here, there] = [reading(one), reading(other)]
  for (const path of ['/a', '/b', '/c', '/d']) {
    expect(await there(path)).toBe(await there(path))
    await here(path)
  }
  const kept = await there('/d')
  const changed = async (path: string, purge: () => Promise<unknown>) => {
    const [before, own] = [await there(path), await here(path)]
    await purge()
    expect(await here(path)).not.toBe(own)
    await expect.poll(() => there(path)).not.toBe(before)
  }
  await changed('/a', () => one.purge({ tags: ['a'] }))
  await changed('/b', () => one.purge({ urls: ['shop.example.com/b'] }))
  await changed('/c', () => here('/c', 'POST'))
  await here(`/forms?secret=${'x'.repeat(5_000)}`, 'POST')
  await using client = await openRedis({ url: redis, prefix, log: silentLog })
  const names = () => client.run((asked) => asked.zrange(`${prefix}purge:tags`, 0, '-1'))
  // whoever reads the Redis learns no addresses, and long ones take no more room: the beginning, a tag, and three resources
  await expect.poll(async () => (await names()).map((name) => name.length).sort((a, b) => a - b), { timeout: 10_000 }).toEqual([0, 5, 47, 47, 47])
  expect((await names()).join()).not.toMatch(/shop|secret/)
  expect(await there('/d')).toBe(kept)
  await changed('/d', () => one.purge({ all: true }))
  const cwd = mkdtempSync(join(tmpdir(), 'banyan-purge-'))
  writeFileSync(join(cwd, 'gateway.yaml'), text)
  const told = (...words: string[]) => banyan(['gateway', 'purge', 'gateway.yaml', ...words], { cwd })
  const before = [await here('/a'), await there('/a'), await here('/b'), await there('/b')]
  expect(await told('https://shop.example.com/a', '--tag', 'b')).toEqual({ code: 0, out: '', err: '' })
  for (const [index, ask] of [() => here('/a'), () => there('/a'), () => here('/b'), () => there('/b')].entries())
    await expect.poll(ask).not.toBe(before[index])
  expect(await told()).toMatchObject({ code: 2, err: expect.stringContaining('nothing is said to be purged') })
  rmSync(cwd, { recursive: true })
  const again = await here('/a')
  expect(await here('/a')).toBe(again)
  expect(await one.status()).toMatchObject({ shared: { purges: { status: 'healthy' } } })
})

test('a purge arrives although its message is lost, and although it began while Redis was away', async ({ skip }) => {
  if (!hasRedisServer()) skip(NO_REDIS_SERVER)
  await using redis = await OwnRedis.start()
  await using client = await openRedis({ url: redis.url, prefix: 'p:', log: silentLog })
  // one that Redis lets hear no messages
  await client.run((asked) => asked.acl('SETUSER', 'deaf', 'on', '>secret', '~*', '&*', '+@all', '-subscribe'))
  await using behind = await counting()
  await using one = await EdgeProcess.start(file(redis.url, 'p:', behind.url))
  await using deaf = await EdgeProcess.start(file(redis.url.replace('//', '//deaf:secret@'), 'p:', behind.url))
  const there = reading(deaf)
  const first = await there('/a')
  expect(await there('/a')).toBe(first)
  await one.purge({ tags: ['a'] })
  await expect.poll(() => there('/a')).not.toBe(first)

  // one that nobody was told of at all
  const second = await there('/a')
  await client.run((asked) => invalidate.run(asked, ['p:purge:tags', 'nowhere', 1_000, 'tag a']))
  await expect.poll(() => there('/a')).not.toBe(second)

  redis.freeze()
  const third = await there('/a')
  await one.purge({ tags: ['a'] })
  await expect.poll(async () => (await one.status()).shared?.purges?.status).toBe('away')
  expect(await there('/a')).toBe(third)
  redis.thaw()
  await expect.poll(() => there('/a')).not.toBe(third)
})
