import { expect, test } from 'vitest'
import { unitAsker } from '../../src/cli/ask-unit.ts'
import { start } from '../../src/index.ts'
import { silentLog } from '../../src/observe/log.ts'
import { testInstallation } from '../../src/testing/installation.ts'
import { hasRedisServer, NO_REDIS_SERVER, OwnRedis } from '../redis.ts'
import ledgers, { type accounts, type reports } from './accounts.ts'

const secret = 'a secret that whoever looks has to know'

test('a process tells how its cache fares: by operation, in memory, and whether Redis is there', async ({ skip }) => {
  if (!hasRedisServer()) skip(NO_REDIS_SERVER)
  await using redis = await OwnRedis.start()
  await using installation = await testInstallation()
  process.env['CACHE_TEST_REDIS_URL'] = redis.url
  await using running = await start<{ accounts: typeof accounts; reports: typeof reports }>(ledgers, { ...installation.options, secret, log: silentLog })
  await using ask = unitAsker(installation.options.name, secret)
  const cache = async () => (await ask.status(running.url)).status!.cache!
  expect(await cache()).toEqual({ memory: { entries: 0, bytes: 0, evictions: 0 }, redis: 'healthy', of: {} })

  await running.call.accounts.set({ name: 'a', holder: 'ada', amount: 1 })
  await running.quiet()
  for (let again = 0; again < 3; again++) await running.call.accounts.byName({ name: 'a' })
  await running.call.accounts.byHand({ name: 'a' })
  const { memory, of } = await cache()
  expect(memory).toEqual({ entries: 2, bytes: expect.any(Number), evictions: 0 })
  expect(memory.bytes).toBeGreaterThan(50)
  expect(Object.keys(of).sort()).toEqual(['accounts by hand', 'accounts.byName'])
  expect(of['accounts.byName']).toMatchObject({ asked: 3, hits: 2, loads: 1, stale: 0, failing: 0, refused: 0, entries: 1 })
  expect(of['accounts by hand']).toMatchObject({ asked: 1, hits: 0, loads: 1 })

  await redis.kill()
  await expect.poll(async () => (await cache()).redis).toBe('away')
  await redis.start()
  await expect.poll(async () => (await cache()).redis).toBe('healthy')
})
