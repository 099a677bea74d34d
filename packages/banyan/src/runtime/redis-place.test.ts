import { expect, test } from 'vitest'
import { redis } from '../model/redis-setting.ts'
import { env } from '../model/setting.ts'
import { redisAddress, redisPlace } from './redis-place.ts'

const place = (variables: Record<string, string> = {}) => redisPlace(redis(env('REDIS_URL'), { prefix: 'shop:' }), { variables, addresses: {} })

test('the address is that of the variable', () => {
  const set = place({ REDIS_URL: 'redis://cache:6379' })
  expect(set).toMatchObject({ url: 'redis://cache:6379', prefix: 'shop:' })
  expect(redisAddress(set, 'cache', false)).toBe('redis://cache:6379')
})

test('one that is not set is done without during development, and a mistake in production', () => {
  expect(redisAddress(place(), 'limits', true)).toBeUndefined()
  expect(() => redisAddress(place(), 'limits', false)).toThrow(
    'the topology has limits in the Redis at REDIS_URL, which is not set; set it, or leave `limits` out of the topology to have each process use its memory',
  )
  expect(() => redisAddress(place(), 'sessions', false)).toThrow('or leave `sessions` out of the topology to keep sessions in the database')
})
