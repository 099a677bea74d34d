import { milliseconds, type Duration } from '../../kernel/duration.ts'
import { BanyanError } from '../../kernel/errors.ts'
import { DURATION } from '../file/schema-texts.ts'
import type { PolicyKind } from '../policy-kind.ts'
import { httpCache } from './http-cache.ts'
import { routeCaching, type RouteCaching } from './settings.ts'

/** What a gateway file may say under `cache`. */
export interface CacheSettings {
  readonly staleWhileRevalidate?: Duration
  readonly staleIfError?: Duration
  readonly heuristic?: Duration | 'off'
  readonly setCookie?: RouteCaching['setCookie']
  readonly requests?: RouteCaching['requests']
  readonly targets?: readonly string[]
  readonly largest?: number
  readonly name?: string
}

const schema = {
  type: 'object',
  description: 'Keeps answers and serves them again, as a shared cache (RFC 9111). What may be kept, and for how long, the answers say themselves.',
  additionalProperties: false,
  properties: {
    staleWhileRevalidate: {
      ...DURATION,
      description:
        'For so long after its time an answer is still served while the upstream is asked for a new one; for answers that say nothing themselves. 0s unless said.',
    },
    staleIfError: {
      ...DURATION,
      description: 'For so long after its time an answer is served when the upstream fails; for answers that say nothing themselves. 0s unless said.',
    },
    heuristic: {
      anyOf: [DURATION, { const: 'off' }],
      description:
        'Answers that do not say how long they are fresh are taken as fresh for a tenth of the time since they were last modified, for so long at most; off: never. 1d unless said.',
    },
    setCookie: { enum: ['refuse', 'strip'], description: 'Answers that set cookies are not kept (refuse, unless said), or kept without the cookies (strip).' },
    requests: { enum: ['obey', 'ignore'], description: 'Whether clients may ask past the cache with Cache-Control: no-cache and the like. obey unless said.' },
    targets: {
      type: 'array',
      items: { type: 'string', pattern: '^[A-Za-z0-9-]+$' },
      description: 'Fields that outweigh Cache-Control for this cache (RFC 9213), in their order. CDN-Cache-Control unless said.',
    },
    largest: { type: 'integer', minimum: 0, description: 'Bytes of a body above which it is passed through and not kept. 8388608 unless said.' },
    name: { type: 'string', pattern: '^[A-Za-z*][A-Za-z0-9!#$%&*+.^_`|~:/-]*$', description: 'What this cache is called in Cache-Status. banyan unless said.' },
  },
}

/** The policy `cache` of a gateway file. The gateway's cache outlives the file, so that a new one does not begin empty. */
export const cachePolicy: PolicyKind<CacheSettings> = {
  name: 'cache',
  schema,
  open: (settings, { cache = httpCache() }) => cache.policy(routeSettings(settings)),
}

function routeSettings(settings: CacheSettings): Partial<RouteCaching> {
  const { targets = routeCaching.targets, setCookie = routeCaching.setCookie, requests = routeCaching.requests, largest = routeCaching.largest } = settings
  const name = settings.name ?? routeCaching.name
  if (!/^[A-Za-z*][\w!#$%&'*+.^`|~:/-]*$/.test(name))
    throw new BanyanError(
      'invalid_configuration',
      `cache.name is '${name}', which cannot stand in Cache-Status; write a word of letters, digits and -, such as 'edge'`,
    )
  const heuristic = settings.heuristic === 'off' ? { fraction: 0, capMs: 0 } : { ...routeCaching.heuristic, ...capped(settings.heuristic) }
  const stale = { whileRevalidateMs: milliseconds(settings.staleWhileRevalidate ?? '0s'), ifErrorMs: milliseconds(settings.staleIfError ?? '0s') }
  return { name, targets: targets.map((target) => target.toLowerCase()), setCookie, requests, largest, heuristic, stale }
}

function capped(cap: Duration | undefined): { readonly capMs?: number } {
  return cap === undefined ? {} : { capMs: milliseconds(cap) }
}
