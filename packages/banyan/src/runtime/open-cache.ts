import { RedisTier } from '../cache/redis/redis-tier.ts'
import { TagVersions } from '../cache/tag-versions.ts'
import { TieredCache } from '../cache/tiered-cache.ts'
import type { Lifecycle } from '../kernel/lifecycle.ts'
import type { Log } from '../model/context.ts'
import { shareRedis } from '../store/shared-redis.ts'
import type { Placement } from './placement.ts'
import { redisAddress } from './redis-place.ts'

export interface CacheParts {
  readonly app: string
  readonly placement: Pick<Placement, 'cache' | 'replicas' | 'unit'>
  readonly development: boolean
  readonly lifecycle: Lifecycle
  readonly log: Log
}

/** The cache of a unit: in its memory, and in Redis where the topology has one. Throws `invalid_configuration` where that has no address. */
export async function openCache({ app, placement: { cache, replicas, unit }, development, lifecycle, log }: CacheParts): Promise<TieredCache> {
  const versions = new TagVersions()
  const url = cache && redisAddress(cache, 'cache', development)
  if (url === undefined) {
    if (replicas > 1) log.debug('answers are cached for 60 ms only: nothing tells replicas what is old; give the topology a cache: redis(…)', { unit })
    return lifecycle.add('the cache', new TieredCache({ versions, shared: replicas > 1 ? 'unheard' : 'none', log }))
  }
  const redis = lifecycle.add('the connection to Redis', await shareRedis({ url, prefix: cache?.prefix ?? `${app}:`, log }))
  return lifecycle.add('the cache', new TieredCache({ versions, shared: new RedisTier({ redis, versions, log }), log }))
}
