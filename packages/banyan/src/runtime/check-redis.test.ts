import { expect, test } from 'vitest'
import { app } from '../model/app.ts'
import { oidc } from '../model/auth.ts'
import { redis } from '../model/redis-setting.ts'
import { env } from '../model/setting.ts'
import { single, topology } from '../model/topology.ts'
import { topologyMistakes } from './check-topology.ts'

const service = () => Promise.reject(new Error('not loaded here'))
const people = oidc({ issuer: 'https://id.example', clientId: 'shop' })
const mistakes = (said: object, auth = [people]) =>
  topologyMistakes(app('shop', { services: { a: service }, auth, topologies: { one: single(said) } } as never))

test('a variable, or an address, is where a Redis is', () => {
  expect(mistakes({ limits: redis(env('REDIS_URL')), whenAway: 'closed', cache: redis('redis://user:secret@cache:6379/1', { prefix: 'shop:' }) })).toEqual([])
  expect(mistakes({ limits: redis('rediss://cache'), whenAway: 'open' })).toEqual([])
  expect(mistakes({ sessions: redis(env('REDIS_URL')) })).toEqual([])
})

test.each([
  [{ limits: 'memory' }, "has limits 'memory'; write limits: redis(env('REDIS_URL'))"],
  [{ limits: 'redis://:secret@cache' }, "has limits with an address alone; write limits: redis(env('REDIS_URL'))"],
  [{ cache: { url: 'redis://cache' } }, 'has cache {"url":"redis://cache"}; write cache: redis('],
  [{ cache: redis('cache:6379') }, 'has cache in a Redis whose address is not one; write redis('],
  [{ cache: redis(6379 as never) }, 'has cache in a Redis whose address is not one'],
  [{ cache: redis('redis://cache', { prefix: 'my shop' }) }, "has cache under the prefix 'my shop'; it is a text without spaces"],
  [{ sessions: 'redis' }, "has sessions 'redis'; write sessions: redis(env('REDIS_URL'))"],
  [{ sessions: redis('redis://cache', { prefix: '' }) }, "has sessions under the prefix ''; it is a text without spaces"],
  [{ limits: redis('redis://cache'), whenAway: 'refuse' }, "has whenAway 'refuse'; it is 'open', each process counts for itself, or 'closed'"],
])('%j is a mistake', (said, mistake) => {
  const found = mistakes(said)
  expect(found).toEqual([expect.stringContaining(`topology 'one' ${mistake}`)])
  expect(found.join()).not.toContain('secret')
})

test('sessions that nobody can have are a mistake', () => {
  expect(mistakes({ sessions: redis(env('REDIS_URL')) }, [])).toEqual([
    "topology 'one' has sessions in a Redis, and nobody has one: auth has no oidc(…); add it, or leave `sessions` out",
  ])
})

test('every topology is looked at', () => {
  const split = topology({ units: { x: ['a'] }, cache: 'memory' as never })
  expect(topologyMistakes(app('shop', { services: { a: service }, topologies: { split, one: single({ limits: 5 as never }) } } as never))).toEqual(
    expect.arrayContaining([expect.stringContaining("topology 'split' has cache 'memory'"), expect.stringContaining("topology 'one' has limits 5")]),
  )
})
