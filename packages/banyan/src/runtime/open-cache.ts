import { RedisTier } from '../cache/redis/redis-tier.ts'
import { TagVersions } from '../cache/tag-versions.ts'
import { TieredCache } from '../cache/tiered-cache.ts'
import type { Lifecycle } from '../kernel/lifecycle.ts'
import type { Log } from '../model/context.ts'
import { openRedis } from '../store/redis.ts'
import type { Placement } from './placement.ts'

export interface CacheParts {
  readonly app: string
  readonly placement: Pick<Placement, 'cache' | 'replicas' | 'unit'>
  readonly lifecycle: Lifecycle
  readonly log: Log
}

/** The cache of a unit: in its memory, and in Redis where the topology has one. */
export async function openCache({ app, placement: { cache, replicas, unit }, lifecycle, log }: CacheParts): Promise<TieredCache> {
  const versions = new TagVersions()
  if (!cache) {
    if (replicas > 1) log.debug('answers are cached for 60 ms only: nothing tells replicas what is old; give the topology a cache: redis(…)', { unit })
    return lifecycle.add('the cache', new TieredCache({ versions, shared: replicas > 1 ? 'unheard' : 'none', log }))
  }
  const redis = lifecycle.add('the connection to Redis', await openRedis({ url: cache.url, prefix: cache.prefix ?? `${app}:`, log }))
  return lifecycle.add('the cache', new TieredCache({ versions, shared: new RedisTier({ redis, versions, log }), log }))
}
