import { isAbsolute, dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ReloadedFile } from '../gateway/file/reloaded-file.ts'
import { readGatewayFile } from '../gateway/file/read.ts'
import { gateway, type Gateway } from '../gateway/gateway.ts'
import type { Places } from '../gateway/commons.ts'
import { policyKinds } from '../gateway/policy-kinds.ts'
import { uncounted } from '../gateway/shared-limits.ts'
import type { Lifecycle } from '../kernel/lifecycle.ts'
import type { App } from '../model/app.ts'
import type { Log } from '../model/context.ts'
import type { AccessLog } from '../observe/access-log.ts'
import type { TlsOptions } from '../security/tls.ts'
import type { Placement } from './placement.ts'
import { redisAddress, type RedisPlace } from './redis-place.ts'

/** What is wrong with where an app says that its gateway file is. */
export function gatewayMistakes({ gateway: said }: Pick<App, 'gateway'>): string[] {
  if (said === undefined || said.file.startsWith('file:') || isAbsolute(said.file)) return []
  return [`gateway.file is '${said.file}', which is relative, and nothing says to what; write import.meta.resolve('${said.file}')`]
}

export interface GatewayParts {
  readonly app: Pick<App, 'name' | 'gateway' | 'http'>
  readonly placement: Pick<Placement, 'limits' | 'cache'>
  readonly development: boolean
  readonly tls: TlsOptions | undefined
  readonly accessLog: AccessLog | undefined
  readonly lifecycle: Lifecycle
  readonly log: Log
}

/**
 * The routes of the app's gateway file, which is read again whenever it changes. Throws `invalid_configuration` with every mistake in it.
 */
export async function openGateway({ app, placement, development, tls, accessLog, lifecycle, log }: GatewayParts): Promise<Gateway | undefined> {
  const { gateway: said, http } = app
  if (said === undefined) return undefined
  const path = said.file.startsWith('file:') ? fileURLToPath(said.file) : said.file
  const usual = placesOf(app.name, placement, development)
  const parts = { directory: dirname(path), ...(usual.limits && { shared: uncounted }) }
  const reading = { kinds: policyKinds, env: process.env, parts }
  const config = await readGatewayFile(path, reading)
  const { trustedProxies: trusted = [], forwardedHeader } = http
  const opened = await gateway(config, { parts: { directory: dirname(path) }, usual, trusted, forwardedHeader, tls, unit: true, accessLog, log })
  lifecycle.add('the gateway', opened)
  lifecycle.add('the gateway file', ReloadedFile.open({ ...reading, path, loaded: config, load: (next) => opened.load(next), log }))
  return opened
}

/** What the units of an app share where the gateway file names no Redis: limits by that of the topology's limits, purges by that of its cache. */
function placesOf(app: string, { limits, cache }: GatewayParts['placement'], development: boolean): Places {
  const place = (redis: RedisPlace, option: 'limits' | 'cache') => {
    const url = redisAddress(redis, option, development)
    // apart from what the app keeps under its prefix: routes and operations may be called alike
    return url === undefined ? undefined : { url, prefix: `${redis.prefix ?? `${app}:`}gateway:` }
  }
  const counting = limits && place(limits, 'limits')
  const telling = cache ? place(cache, 'cache') : counting
  return { limits: counting && limits && { ...counting, whenAway: limits.whenAway }, purges: telling }
}
