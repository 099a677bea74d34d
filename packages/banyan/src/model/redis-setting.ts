import type { Setting } from './setting.ts'

/** A Redis server, 6.2 or later, or what speaks its protocol (Valkey). */
export interface RedisSetting {
  readonly kind: 'redis'
  readonly url: Setting
  /** What all keys begin with; `<app>:` unless said. */
  readonly prefix?: string
}

/** `redis(env('REDIS_URL'))`: an address such as `redis://user:password@host:6379/0`, or `rediss://` for TLS. */
export function redis(url: Setting, { prefix }: { readonly prefix?: string } = {}): RedisSetting {
  return { kind: 'redis', url, ...(prefix === undefined ? {} : { prefix }) }
}
