import { expect, test } from 'vitest'
import { NO_REDIS, sharedRedis, testPrefix } from '../../test/redis.ts'
import { silentLog } from '../observe/log.ts'
import { shareRedis } from './shared-redis.ts'

const id = (client: { client(said: 'ID'): Promise<number> }) => client.client('ID')

test('who names one address has one connection, each under its own prefix, until the last one leaves', async ({ skip }) => {
  const url = await sharedRedis()
  if (url === undefined) return skip(NO_REDIS)
  const [one, other] = await Promise.all([shareRedis({ url, prefix: 'a:', log: silentLog }), shareRedis({ url, prefix: 'b:', log: silentLog })])
  expect([one.prefix, other.prefix]).toEqual(['a:', 'b:'])
  const first = await one.run(id)
  expect(await other.run(id)).toBe(first)

  const heard: string[] = []
  one.watch((status) => heard.push(status))
  await one[Symbol.asyncDispose]()
  await one[Symbol.asyncDispose]()
  await expect(one.run(id)).rejects.toMatchObject({ code: 'unavailable', executed: 'no' })
  expect(one.status).toBe('away')
  expect(await other.run(id)).toBe(first)
  await other[Symbol.asyncDispose]()
  expect(heard).toEqual([])

  await using next = await shareRedis({ url, prefix: testPrefix(), log: silentLog })
  expect(await next.run(id)).not.toBe(first)
})

test('an address that is none is refused to everybody, and is not remembered', async () => {
  const share = () => shareRedis({ url: 'http://redis', prefix: 'a:', log: silentLog })
  for (const asked of [share(), share()]) await expect(asked).rejects.toMatchObject({ code: 'invalid_configuration' })
  await expect(share()).rejects.toMatchObject({ code: 'invalid_configuration' })
})
