import { BanyanError } from '../kernel/errors.ts'
import type { RedisSetting } from '../model/redis-setting.ts'
import type { Setting } from '../model/setting.ts'
import { setting, type Environment } from './settings.ts'

/** A Redis that a topology names. */
export interface RedisPlace {
  /** `undefined` where the setting has no value. */
  readonly url: string | undefined
  /** As the topology has it, for messages. */
  readonly said: Setting
  /** What the keys of the app there begin with, where that is said. */
  readonly prefix: string | undefined
}

export function redisPlace({ url, prefix }: RedisSetting, environment: Environment): RedisPlace {
  return { url: setting(url, environment), said: url, prefix }
}

/** What does instead where a topology leaves an option out. */
const instead = {
  cache: 'have each process use its memory',
  limits: 'have each process use its memory',
  sessions: 'keep sessions in the database',
}

/**
 * Its address; `undefined` where it is not set during development, so that what is there without it does instead. Throws
 * `invalid_configuration` where it is not set otherwise. `option`: of the topology.
 */
export function redisAddress({ url, said }: RedisPlace, option: keyof typeof instead, development: boolean): string | undefined {
  if (url !== undefined || development) return url
  const name = typeof said === 'string' ? said : said.name
  throw new BanyanError(
    'invalid_configuration',
    `the topology has ${option} in the Redis at ${name}, which is not set; set it, or leave \`${option}\` out of the topology to ${instead[option]}`,
  )
}
