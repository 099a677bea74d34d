import { Invalidations } from '../../cache/redis/invalidations.ts'
import { BanyanError, messageOf } from '../../kernel/errors.ts'
import type { Log } from '../../model/context.ts'
import type { RedisConnection } from '../../store/redis.ts'
import { digestOf, type Purge } from './answer-store.ts'
import type { HttpCache } from './http-cache.ts'

export interface PurgesOptions {
  readonly redis: RedisConnection
  /** What hears of what others purge. */
  readonly cache: Pick<HttpCache, 'purge'>
  readonly log: Log
}

const NAME = 'purge'
/** How late a purge is heard at most whose message was lost, in milliseconds. */
const LISTEN_MS = 1_000
/** Most tags and resources of purges kept in Redis; beyond, who has not listened for long forgets everything. */
const KEPT = 20_000

/**
 * Purges of the caches of several gateways: what one purges, all others do, usually within milliseconds, and within a second also when the
 * message of it was lost. While Redis is away they serve on what they have; all of it is made up for when it is back.
 */
export class Purges implements AsyncDisposable {
  readonly #options: PurgesOptions
  readonly #invalidations: Invalidations
  readonly #timer: NodeJS.Timeout
  readonly #watching: Disposable
  /** Whether it could not be heard from the beginning what others purge. */
  #missed = false

  private constructor(options: PurgesOptions) {
    const { redis, log } = options
    this.#options = options
    this.#invalidations = new Invalidations({
      redis,
      name: NAME,
      tags: KEPT,
      // what began here has been purged here
      note: (name, _, from) => (from === 'here' ? undefined : this.#purge(purgeOf(name))),
      log,
    })
    this.#timer = setInterval(() => this.#listen(), LISTEN_MS).unref()
    this.#watching = redis.watch((status) => status === 'healthy' && this.#listen())
    if (redis.status === 'away') log.warn('purges are not passed on to other gateways; that is made up for when Redis is back')
  }

  /** Hears from now on of all purges; where Redis is away, when it is back. */
  static async open(options: PurgesOptions): Promise<Purges> {
    const purges = new Purges(options)
    await purges.#hear()
    return purges
  }

  /** Tells the others, in the background; while Redis is away, when it is back. */
  tell(purge: Purge): void {
    const names = namesOf(purge)
    if (names.length > 0) this.#attempt(this.#invalidations.invalidate(names))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    this.#watching[Symbol.dispose]()
    // what is on its way to the others arrives before the connection is closed
    await this.#invalidations.settle().catch((error: unknown) => this.#failed(error))
    await this.#invalidations[Symbol.asyncDispose]()
  }

  #listen(): void {
    if (this.#options.redis.status === 'healthy') void this.#hear()
  }

  async #hear(): Promise<void> {
    const first = this.#invalidations.heardAt === -Infinity
    try {
      await this.#invalidations.listen()
    } catch (error) {
      this.#failed(error)
      this.#missed = true
      return
    }
    // nobody knows what was purged before this first heard of anything
    if (first && this.#missed) this.#purge({ all: true })
    this.#missed = false
  }

  #attempt(telling: Promise<void>): void {
    telling.catch((error: unknown) => this.#failed(error))
  }

  #failed(error: unknown): void {
    const { log } = this.#options
    if (BanyanError.is(error, 'unavailable')) log.debug('purges wait until Redis is back', { reason: messageOf(error) })
    else log.error('purges cannot be passed on to other gateways', { error })
  }

  #purge(purge: Purge): void {
    this.#options.cache.purge(purge, 'told').catch((error: unknown) => this.#options.log.error('what another gateway purged is not purged here', { error }))
  }
}

/** Has all gateways that name a Redis purge, by a process that is none of them. Throws `unavailable` where it is away. */
export async function tellPurge(redis: RedisConnection, purge: Purge, log: Log): Promise<void> {
  await using invalidations = new Invalidations({ redis, name: NAME, tags: KEPT, note: () => undefined, log })
  await invalidations.invalidate(namesOf(purge))
}

/** `''` is everything, as numbered invalidations have it. */
function namesOf({ all, tags = [], urls = [] }: Purge): readonly string[] {
  return all === true ? [''] : [...tags.map((tag) => `tag ${tag}`), ...urls.map((url) => `url ${digestOf(url)}`)]
}

function purgeOf(name: string): Purge {
  if (name === '') return { all: true }
  return name.startsWith('tag ') ? { tags: [name.slice(4)] } : { digests: [name.slice(4)] }
}
