import { messageOf } from '../../kernel/errors.ts'
import { milliseconds, type Duration } from '../../kernel/duration.ts'
import type { BalancerName } from '../../model/edge.ts'
import { readDocument } from '../openapi/read-document.ts'
import type { Target, Upstream, UpstreamBulkhead, UpstreamTls } from '../config.ts'
import type { GatewayDocument } from './document.ts'
import type { NamedFiles } from './named-files.ts'
import type { Path } from './pointer.ts'

const TIMEOUT_MS = 30_000
const ATTEMPTS = 3
const HEALTH_MS = 5_000
const WAIT_MS = 1_000

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
  readonly tls?: { readonly ca?: string; readonly certificate?: string; readonly key?: string; readonly serverName?: string }
  readonly bulkhead?: number | { readonly limit: number; readonly queue?: number; readonly wait?: Duration }
  readonly openapi?: string
}

/** An upstream as the schema lets it be written. */
export type WrittenUpstream = string | readonly WrittenTarget[] | WrittenSettings

/** An upstream with everything said. Addresses that cannot be asked are noted as mistakes, and so are documents that cannot be read. */
export function upstreamOf(name: string, written: WrittenUpstream, document: GatewayDocument, files: NamedFiles): Upstream {
  const path: Path = ['upstreams', name]
  const { targets, path: targetsPath } = targetsOf(written, path)
  const settings: Partial<WrittenSettings> = typeof written === 'object' && 'targets' in written ? written : {}
  const { balance = 'peak-ewma', health, timeout, attempts = ATTEMPTS, host = 'target', tls, bulkhead, openapi } = settings
  if (tls && !targets.some(speaksTls))
    document.reject([...path, 'tls'], "is of no use: no target's address begins with 'https://'; write one such, or take tls away")
  return {
    name,
    targets: targets.map((target, index) => targetOf(target, typeof written === 'string' ? path : [...targetsPath, index], document)),
    balance,
    health: healthOf(health),
    timeoutMs: timeout === undefined ? TIMEOUT_MS : milliseconds(timeout),
    attempts,
    host,
    ...(tls && { tls: tlsOf(tls, [...path, 'tls'], files) }),
    ...(bulkhead !== undefined && { bulkhead: bulkheadOf(bulkhead) }),
    ...(openapi !== undefined && { openapi: openapiOf(openapi, [...path, 'openapi'], document, files) }),
  }
}

function openapiOf(file: string, path: Path, document: GatewayDocument, files: NamedFiles): Upstream['openapi'] {
  try {
    return { path: file, document: readDocument(files.place(file)) }
  } catch (error) {
    document.reject(path, `is ${document.quote(path, file)}: ${messageOf(error)}`)
    return undefined
  }
}

function tlsOf({ ca, certificate, key, serverName }: NonNullable<WrittenSettings['tls']>, path: Path, files: NamedFiles): UpstreamTls {
  return {
    authorities: ca === undefined ? undefined : files.authorities(ca, [...path, 'ca']),
    pair: certificate === undefined || key === undefined ? undefined : files.keyPair({ certificate, key }, path)?.pair,
    serverName: serverName?.toLowerCase(),
  }
}

function bulkheadOf(written: NonNullable<WrittenSettings['bulkhead']>): UpstreamBulkhead {
  const { limit, queue = limit, wait } = typeof written === 'number' ? { limit: written } : written
  return { limit, queue, waitMs: wait === undefined ? WAIT_MS : milliseconds(wait) }
}

function speaksTls(target: WrittenTarget): boolean {
  return (typeof target === 'string' ? target : target.url).startsWith('https:')
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
