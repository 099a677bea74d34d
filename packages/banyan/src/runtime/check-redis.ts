import type { App } from '../model/app.ts'
import type { RedisSetting } from '../model/redis-setting.ts'
import type { Topology } from '../model/topology.ts'
import { isRedisAddress } from '../store/redis.ts'

/** What is wrong with the Redis that a topology counts limits in, with the one it caches in, and with the one of sessions. */
export function redisMistakes(
  where: string,
  { limits, cache, sessions }: Pick<Topology, 'limits' | 'cache' | 'sessions'>,
  { auth }: Pick<App, 'auth'>,
): string[] {
  return [
    ...(cache === undefined ? [] : placeMistakes(where, 'cache', cache)),
    ...(sessions === undefined ? [] : [...placeMistakes(where, 'sessions', sessions), ...needlessMistakes(where, auth)]),
    ...(limits === undefined ? [] : limitsMistakes(where, limits)),
  ]
}

function needlessMistakes(where: string, auth: App['auth']): string[] {
  if (auth.some(({ kind }) => kind === 'oidc')) return []
  return [`${where} has sessions in a Redis, and nobody has one: auth has no oidc(…); add it, or leave \`sessions\` out`]
}

function limitsMistakes(where: string, { store, whenAway }: NonNullable<Topology['limits']>): string[] {
  return [
    ...placeMistakes(where, 'limits', store),
    ...(whenAway === undefined || whenAway === 'open' || whenAway === 'closed'
      ? []
      : [`${where} has whenAway ${shown(whenAway)}; it is 'open', each process counts for itself, or 'closed', what has a limit is refused`]),
  ]
}

function placeMistakes(where: string, option: string, place: RedisSetting): string[] {
  if (typeof place !== 'object' || place === null || place.kind !== 'redis')
    return [`${where} has ${option} ${shown(place)}; write ${option}: redis(env('REDIS_URL'))`]
  const { url, prefix } = place
  return [
    ...(isAddress(url) ? [] : [`${where} has ${option} in a Redis whose address is not one; write redis(env('REDIS_URL')), or 'redis://host:6379/0'`]),
    ...(prefix === undefined || (typeof prefix === 'string' && prefix !== '' && !/\s/.test(prefix))
      ? []
      : [`${where} has ${option} under the prefix ${shown(prefix)}; it is a text without spaces that keys begin with, such as 'shop:'`]),
  ]
}

/** What a variable holds is read when a unit starts. Not shown where it is wrong, since it may hold a password. */
function isAddress(url: unknown): boolean {
  if (typeof url !== 'string') return typeof url === 'object' && url !== null && 'name' in url
  return isRedisAddress(url)
}

/** Addresses are not: they may hold passwords. */
function shown(value: unknown): string {
  if (typeof value === 'string') return value.includes('://') ? 'with an address alone' : `'${value}'`
  return JSON.stringify(value) ?? String(value)
}
