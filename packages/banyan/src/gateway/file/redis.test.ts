import { expect, test } from 'vitest'
import { textReader } from '../../../test/gateway/read-text.ts'
import { policyKinds } from '../policy-kinds.ts'
import { gatewayConfig } from './read.ts'

const routes = (limit = '1/s') => `routes: [{ path: /, policies: [limit: ${limit}, answer] }]`
const { read, mistakes } = textReader(policyKinds)

test('a file names a Redis by its address, or with what its keys begin with', () => {
  expect(read(routes()).redis).toBeUndefined()
  expect(read(`redis: \${REDIS_URL}\n${routes()}`, { REDIS_URL: 'redis://:secret@cache:6379' }).redis).toEqual({
    url: 'redis://:secret@cache:6379',
    prefix: 'gateway:',
  })
  expect(read(`redis: { url: rediss://cache, prefix: 'shop:' }\n${routes()}`).redis).toEqual({ url: 'rediss://cache', prefix: 'shop:' })
})

test('limits may say where they are counted, where there is one', () => {
  const limit = '{ rate: 1/s, store: redis, whenAway: closed }'
  expect(mistakes(`redis: redis://cache\n${routes(limit)}`)).toEqual([])
  expect(mistakes(routes(limit))).toEqual([expect.stringMatching(/^1:39 .*store speaks of a Redis, and none is named; write redis: \$\{REDIS_URL\}/)])
  expect(mistakes(`redis: redis://cache\n${routes('{ rate: 1/s, whenAway: admit }')}`)).toEqual([
    expect.stringContaining("whenAway is 'admit'; there are open, closed"),
  ])
})

test('what is no address is not shown, since it may hold a password', () => {
  expect(mistakes(`redis: http://:secret@cache\n${routes()}`)).toEqual([
    "1:8 redis is something else; expected is an address such as 'redis://user:password@host:6379/0', or 'rediss://' for TLS",
  ])
  expect(mistakes(`redis: { url: \${REDIS_URL}, prefix: 'a b' }\n${routes()}`.replace('${REDIS_URL}', "'${REDIS_URL}'"), { REDIS_URL: 'secret' })).toEqual([
    expect.stringMatching(/^1:15 redis.url is something else/),
    "1:39 redis.prefix is 'a b'; expected is up to 64 letters, digits, dots, dashes and colons",
  ])
  expect(mistakes(`redis: 6379\n${routes()}`)).toEqual(['1:8 redis is 6379; expected is a text or a map of keys and values'])
})

test('an address that passes for one and is none is told before anything is served', () => {
  const mistake = 'is no address: what a password has of / ? # @ and : is percent-encoded'
  expect(mistakes(`redis: 'redis://:se/cret@cache'\n${routes()}`)).toEqual([`1:8 redis ${mistake}`])
  expect(mistakes(`redis: { url: 'redis://:6379' }\n${routes()}`)).toEqual([`1:15 redis.url ${mistake}`])
})

test('where an app may name the Redis, what needs one is a warning', () => {
  const warnings: string[] = []
  const options = {
    path: 'gateway.yaml',
    kinds: policyKinds,
    env: {},
    redisElsewhere: true,
    warn: ({ message }: { message: string }) => warnings.push(message),
  }
  gatewayConfig(routes('{ rate: 1/s, store: redis }'), options)
  expect(warnings).toEqual([expect.stringMatching(/works only in an app whose topology names a Redis: store speaks of a Redis/)])
  gatewayConfig(`redis: redis://cache\n${routes('{ rate: 1/s, whenAway: closed }')}`, options)
  expect(warnings).toHaveLength(1)
  expect(() => gatewayConfig(routes('{ rate: 1/s, store: memory, whenAway: open }'), options)).toThrow('leave one of them out')
})
