import { describe, expect, test } from 'vitest'
import { hasRedisServer, NO_REDIS_SERVER, OwnRedis } from '../../test/redis.ts'
import { openRedis, type RedisConnection } from './redis.ts'

describe('a connection to Redis', () => {
  test('fails at once while Redis is away and works again when it is back', async ({ skip }) => {
    if (!hasRedisServer()) skip(NO_REDIS_SERVER)
    await using server = await OwnRedis.start()
    const { log, lines } = recorded()
    await using redis = await openRedis({ url: server.url, prefix: 't:', log })
    expect(await redis.run((client) => client.set('a', '1'))).toBe('OK')

    await server.kill()
    await turned(redis, 'away')
    await expect(redis.run((client) => client.get('a'))).rejects.toMatchObject({ code: 'unavailable', executed: 'no' })
    await expect(redis.run((client) => client.get('a'))).rejects.toThrow(`Redis at 127.0.0.1:${server.port} cannot be used`)

    await server.start()
    await turned(redis, 'healthy')
    expect(await redis.run((client) => client.get('a'))).toBeNull()
    expect(lines).toEqual([
      `warn Redis at 127.0.0.1:${server.port} is away; it is looked for until it is back`,
      `info Redis at 127.0.0.1:${server.port} is back`,
    ])
  })

  test('is made while Redis is away', async ({ skip }) => {
    if (!hasRedisServer()) skip(NO_REDIS_SERVER)
    await using server = await OwnRedis.start()
    await server.kill()
    await using redis = await openRedis({ url: server.url, prefix: 't:', log: recorded().log })
    expect(redis.status).toBe('away')
    await server.start()
    await turned(redis, 'healthy')
    expect(await redis.run((client) => client.ping())).toBe('PONG')
  })

  test('does not wait again for a Redis that hangs', async ({ skip }) => {
    if (!hasRedisServer()) skip(NO_REDIS_SERVER)
    await using server = await OwnRedis.start()
    await using redis = await openRedis({ url: server.url, prefix: 't:', log: recorded().log, timeoutMs: 50 })
    server.freeze()
    await expect(redis.run((client) => client.incr('a'))).rejects.toMatchObject({ code: 'unavailable', executed: 'maybe' })
    await expect(redis.run((client) => client.incr('a'))).rejects.toMatchObject({ code: 'unavailable', executed: 'no' })
    server.thaw()
    await turned(redis, 'healthy')
    expect(await redis.run((client) => client.ping())).toBe('PONG')
  })

  test('tells what Redis has against a command as it is', async ({ skip }) => {
    if (!hasRedisServer()) skip(NO_REDIS_SERVER)
    await using server = await OwnRedis.start()
    await using redis = await openRedis({ url: server.url, prefix: 't:', log: recorded().log })
    await redis.run((client) => client.set('a', 'text'))
    await expect(redis.run((client) => client.incr('a'))).rejects.toThrow('ERR value is not an integer')
    await redis.run((client) => client.config('SET', 'maxmemory', '1'))
    await expect(redis.run((client) => client.set('b', '1'))).rejects.toMatchObject({ code: 'unavailable', executed: 'no' })
  })

  test('counts a Redis that does not let it in any more as away, in scripts too', async ({ skip }) => {
    if (!hasRedisServer()) skip(NO_REDIS_SERVER)
    await using server = await OwnRedis.start()
    await using redis = await openRedis({ url: server.url, prefix: 't:', log: recorded().log })
    const away = { code: 'unavailable', executed: 'no' }
    await redis.run((client) => client.acl('SETUSER', 'default', '-get'))
    await expect(redis.run((client) => client.get('a'))).rejects.toMatchObject(away)
    await expect(redis.run((client) => client.eval("return redis.call('GET', 'a')", 0))).rejects.toMatchObject(away)
    await redis.run((client) => client.call('RESET'))
    await redis.run((client) => client.acl('SETUSER', 'default', '+get', '>secret'))
    await redis.run((client) => client.call('RESET'))
    await expect(redis.run((client) => client.get('a'))).rejects.toMatchObject(away)
  })

  test.each(['', 'redis', 'http://127.0.0.1:6379', 'redis://'])('is not made with the address %o', async (url) => {
    await expect(openRedis({ url, prefix: 't:', log: recorded().log })).rejects.toMatchObject({ code: 'invalid_configuration' })
  })
})

function recorded() {
  const lines: string[] = []
  const note = (level: string) => (message: string) => void lines.push(`${level} ${message}`)
  return { lines, log: { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') } }
}

async function turned(redis: RedisConnection, to: RedisConnection['status']): Promise<void> {
  if (redis.status === to) return
  const { promise, resolve } = Promise.withResolvers<void>()
  using _watching = redis.watch((status) => status === to && resolve())
  await promise
}
