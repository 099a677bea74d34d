import { systemClock, type Clock } from '../../kernel/clock.ts'
import type { EdgeAnswer, EdgeRequest, Policy } from '../exchange.ts'
import type { AnswerStore, Purge, StoreStatus } from './answer-store.ts'
import { cacheStatus } from './cache-status.ts'
import { collapseHints } from './collapse-hints.ts'
import { cacheCounts, type CacheCounts } from './counts.ts'
import { fills } from './fills.ts'
import { forwarding, withStatus, type Shared } from './forwarding.ts'
import { invalidated, isSafe, urlOf } from './invalidation.ts'
import { memoryStore } from './memory-store.ts'
import type { Next } from './origin.ts'
import { requestControl } from './request-control.ts'
import { judge } from './reuse.ts'
import { select } from './select.ts'
import { served } from './serve.ts'
import { routeCaching, type RouteCaching } from './settings.ts'

export interface HttpCacheOptions {
  /** Where answers are kept; 64 MiB of memory unless said. */
  readonly store?: AnswerStore
  /** Bytes of bodies on their way in that may be in memory together; a quarter of the store's capacity unless said. */
  readonly spoolBytes?: number
  readonly clock?: Pick<Clock, 'now' | 'monotonic'>
  /** Hears of every purge and invalidation that began here, so that it can be told to other instances. */
  readonly purged?: (purge: Purge) => void
}

export interface HttpCacheStatus extends StoreStatus, Readonly<CacheCounts> {
  /** Questions to origins under way. */
  readonly filling: number
}

/**
 * A shared HTTP cache (RFC 9111) with stale-while-revalidate and stale-if-error (RFC 5861), `Cache-Status` (RFC 9211), targeted fields
 * (RFC 9213), tags, and one question to the origin for all who ask the same at the same time. One cache serves all routes of a gateway,
 * so that an unsafe request by one route is known to the others; it outlives the loading of a new configuration.
 */
export interface HttpCache {
  /** The cache as a policy of one route. Routes do not share answers. */
  policy(caching?: Partial<RouteCaching>): Policy
  /** Forgets answers, and those that are on their way; the number of those that were stored. `told` by another instance, it is not passed on. */
  purge(purge: Purge, told?: 'told'): Promise<number>
  status(): HttpCacheStatus
}

const MEMORY = 64 * 1024 * 1024

export function httpCache({
  store = memoryStore(MEMORY),
  spoolBytes = store.status.capacityBytes / 4,
  clock = systemClock,
  purged,
}: HttpCacheOptions = {}): HttpCache {
  const counts = cacheCounts()
  const ongoing = fills()
  let spooled = 0
  const shared: Shared = {
    store,
    counts,
    fills: ongoing,
    hints: collapseHints(),
    wall: () => clock.now().getTime(),
    steady: () => clock.monotonic(),
    spooling: {
      largest: store.largest,
      reserve(bytes) {
        if (spooled + bytes > spoolBytes) return false
        spooled += bytes
        return true
      },
      release: (bytes) => void (spooled -= bytes),
    },
  }

  async function purge(which: Purge, told?: 'told'): Promise<number> {
    ongoing.purge(which)
    const count = await store.purge(which)
    counts.invalidated += count
    if (told === undefined) purged?.(which)
    return count
  }

  async function unsafe(request: EdgeRequest, next: Next, name: string): Promise<EdgeAnswer> {
    const answer = await next(request)
    const urls = invalidated(request, answer)
    if (urls.length > 0) await purge({ urls })
    return withStatus(answer, cacheStatus(name, { fwd: 'method' }))
  }

  function policy(some: Partial<RouteCaching> = {}): Policy {
    const caching: RouteCaching = { ...routeCaching, ...some }
    const { name } = caching
    const forward = forwarding(shared, caching)

    return async (request, next) => {
      if (!isSafe(request.method)) return unsafe(request, next, name)
      if (isBypass(request)) {
        counts.bypassed++
        return withStatus(await next(request), cacheStatus(name, { fwd: request.method === 'GET' || request.method === 'HEAD' ? 'bypass' : 'method' }))
      }
      const key = { url: urlOf(request), scope: `${request.route.name}>${request.route.to}` }
      const control = requestControl(request.headers, caching.requests)
      const answers = store.find(key.url)
      const { stored, others } = select(Array.isArray(answers) ? answers : await answers, key.scope, request.headers)
      const now = shared.steady()
      const verdict = stored && judge(stored, control, now, caching.stale)
      if (stored && verdict && verdict.kind !== 'validate') {
        counts.hits++
        request.outcome.cache = 'hit'
        store.used(stored)
        const ttlMs = stored.lifetimeMs - (now - stored.bornAt)
        if (ttlMs <= 0) counts.stale++
        if (verdict.kind === 'serve and renew') forward.renew({ request, key, control, next, stored })
        return served(request, stored, stored.body, now, cacheStatus(name, { hit: true, ttlMs }))
      }
      if (control.onlyIfCached) return notCached(name)
      counts.misses++
      request.outcome.cache = 'miss'
      const insteadOfError = verdict?.kind === 'validate' && verdict.insteadOfError
      const fwd = verdict?.kind === 'validate' ? verdict.because : others ? 'vary-miss' : 'uri-miss'
      return forward.ask({ request, key, control, next, stored, insteadOfError, fwd })
    }
  }
  return { policy, purge, status: () => ({ ...counts, ...store.status, filling: ongoing.size }) }
}

/** Requests that a cache has nothing to say to: other methods, bodies, upgrades, and conditions that only the origin can judge (RFC 9111 §4.3.2). */
function isBypass({ method, body, headers }: EdgeRequest): boolean {
  if (method !== 'GET' && method !== 'HEAD') return true
  return body !== undefined || headers.upgrade !== undefined || headers['if-match'] !== undefined || headers['if-unmodified-since'] !== undefined
}

/** What `only-if-cached` gets where nothing is (RFC 9111 §5.2.1.7). */
function notCached(name: string): EdgeAnswer {
  const body = Buffer.from('The request asked for a stored answer only, and none may be used.\n')
  const headers = { 'content-type': 'text/plain; charset=utf-8', 'content-length': String(body.length), 'cache-status': `${name}; detail="only-if-cached"` }
  return { status: 504, headers, body }
}
