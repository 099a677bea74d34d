import { memoryStore, redisStore, whenAway } from '../limits/stores.ts'
import type { Log } from '../model/context.ts'
import type { RedisConnection } from '../store/redis.ts'
import { shareRedis } from '../store/shared-redis.ts'
import type { GatewayConfig, RedisConfig } from './config.ts'
import type { HttpCache } from './http-cache/http-cache.ts'
import type { Purge } from './http-cache/answer-store.ts'
import { Purges } from './http-cache/purges.ts'
import type { SharedLimits, WhenAway } from './shared-limits.ts'

/** Where a gateway has what it shares with others; what is left out it keeps for itself. */
export interface Places {
  readonly limits?: (RedisConfig & { readonly whenAway: WhenAway }) | undefined
  readonly purges?: RedisConfig | undefined
}

/** How a Redis that a gateway uses stands. */
export interface SharedStatus {
  /** Its address, without user and password. */
  readonly redis: string
  readonly status: 'healthy' | 'away'
}

/** The places of a file, or where it names none those of whoever runs it. */
export function placesOf({ redis }: GatewayConfig, usual: Places): Places {
  return redis ? { limits: { ...redis, whenAway: 'open' }, purges: redis } : usual
}

/** What a gateway has together with others. */
export class Commons implements AsyncDisposable {
  readonly limits: SharedLimits | undefined
  readonly #places: string
  readonly #counting: RedisConnection | undefined
  readonly #telling: RedisConnection | undefined
  readonly #purges: Purges | undefined

  private constructor(places: Places, limits: RedisConnection | undefined, telling: RedisConnection | undefined, purges: Purges | undefined) {
    this.#places = JSON.stringify(places)
    this.limits = limits && places.limits && shared(limits, places.limits.whenAway)
    this.#counting = limits
    this.#telling = telling
    this.#purges = purges
  }

  /** Opens what they say, also while it is away. Throws `invalid_configuration` for what is no address. */
  static async open(places: Places, cache: HttpCache, log: Log): Promise<Commons> {
    const limits = places.limits && (await shareRedis({ ...places.limits, log }))
    if (limits?.status === 'away') log.warn(`limits cannot be counted in Redis at ${limits.address} yet`)
    try {
      const telling = places.purges && (await shareRedis({ ...places.purges, log }))
      const purges = telling && (await Purges.open({ redis: telling, cache, log }))
      return new Commons(places, limits, telling, purges)
    } catch (error) {
      await limits?.[Symbol.asyncDispose]()
      throw error
    }
  }

  is(places: Places): boolean {
    return this.#places === JSON.stringify(places)
  }

  tell(purge: Purge): void {
    this.#purges?.tell(purge)
  }

  status(): { readonly limits?: SharedStatus; readonly purges?: SharedStatus } {
    return { ...(this.#counting && { limits: stateOf(this.#counting) }), ...(this.#telling && { purges: stateOf(this.#telling) }) }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#purges?.[Symbol.asyncDispose]()
    await this.#telling?.[Symbol.asyncDispose]()
    await this.#counting?.[Symbol.asyncDispose]()
  }
}

function shared(redis: RedisConnection, usual: WhenAway): SharedLimits {
  const store = redisStore(redis)
  return { stores: { open: whenAway(store, memoryStore()), closed: whenAway(store, 'closed') }, usual }
}

function stateOf({ address, status }: RedisConnection): SharedStatus {
  return { redis: address, status }
}
