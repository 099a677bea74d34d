import { resolve } from 'node:path'
import { messageOf } from '../../kernel/errors.ts'
import { milliseconds, type Duration } from '../../kernel/duration.ts'
import type { BalancerName } from '../../model/edge.ts'
import type { Target, Upstream } from '../config.ts'
import { readDocument } from '../openapi/read-document.ts'
import type { GatewayDocument } from './document.ts'
import type { Path } from './pointer.ts'

const TIMEOUT_MS = 30_000
const ATTEMPTS = 3
const HEALTH_MS = 5_000

const CREDENTIALS = "set them by a policy: request: { headers: { set: { authorization: '${NAME}' } } }"
const NO_QUERY = 'an upstream has no query and no fragment; set parameters by a policy: request: { query: { set: … } }'

type WrittenTarget = string | { readonly url: string; readonly weight?: number }

interface WrittenSettings {
  readonly targets: readonly WrittenTarget[]
  readonly balance?: BalancerName
  readonly health?: string | { readonly path: string; readonly interval?: Duration }
  readonly timeout?: Duration
  readonly attempts?: number
  readonly host?: 'keep' | 'target'
  readonly openapi?: string
}

interface Surroundings {
  readonly document: GatewayDocument
  /** That of the file, for paths in it. */
  readonly directory: string
}

/** An upstream as the schema lets it be written. */
export type WrittenUpstream = string | readonly WrittenTarget[] | WrittenSettings

/** An upstream with everything said. Addresses that cannot be asked are noted as mistakes, and so are documents that cannot be read. */
export function upstreamOf(name: string, written: WrittenUpstream, { document, directory }: Surroundings): Upstream {
  const path: Path = ['upstreams', name]
  const { targets, path: targetsPath } = targetsOf(written, path)
  const settings: Partial<WrittenSettings> = typeof written === 'object' && 'targets' in written ? written : {}
  const { balance = 'peak-ewma', health, timeout, attempts = ATTEMPTS, host = 'target', openapi } = settings
  return {
    name,
    targets: targets.map((target, index) => targetOf(target, typeof written === 'string' ? path : [...targetsPath, index], document)),
    balance,
    health: healthOf(health),
    timeoutMs: timeout === undefined ? TIMEOUT_MS : milliseconds(timeout),
    attempts,
    host,
    ...(openapi !== undefined && { openapi: openapiOf(openapi, [...path, 'openapi'], { document, directory }) }),
  }
}

function openapiOf(file: string, path: Path, { document, directory }: Surroundings): Upstream['openapi'] {
  try {
    return { path: file, document: readDocument(resolve(directory, file)) }
  } catch (error) {
    document.reject(path, `is ${document.quote(path, file)}: ${messageOf(error)}`)
    return undefined
  }
}

function targetsOf(written: WrittenUpstream, path: Path): { readonly targets: readonly WrittenTarget[]; readonly path: Path } {
  if (typeof written === 'string') return { targets: [written], path }
  if ('targets' in written) return { targets: written.targets, path: [...path, 'targets'] }
  return { targets: written, path }
}

function targetOf(written: WrittenTarget, path: Path, document: GatewayDocument): Target {
  const { url, weight = 1 } = typeof written === 'string' ? { url: written } : written
  const place = typeof written === 'string' ? path : [...path, 'url']
  const parsed = URL.parse(url)
  // a password is not repeated
  if (parsed && (parsed.username !== '' || parsed.password !== '')) document.reject(place, `has credentials, which would end up in logs; ${CREDENTIALS}`)
  else if (!parsed) document.reject(place, `is ${document.quote(place, url)}, which is no URL; write one such as 'http://10.0.0.7:8080'`)
  else if (parsed.search !== '' || parsed.hash !== '') document.reject(place, `is ${document.quote(place, url)}; ${NO_QUERY}`)
  return { url, weight }
}

function healthOf(health: WrittenSettings['health']): Upstream['health'] {
  if (health === undefined) return undefined
  const { path, interval } = typeof health === 'string' ? { path: health } : health
  return { path, intervalMs: interval === undefined ? HEALTH_MS : milliseconds(interval) }
}
