import type { Lifecycle } from '../kernel/lifecycle.ts'
import type { Log } from '../model/context.ts'
import type { RedisConnection } from '../store/redis.ts'
import { shareRedis } from '../store/shared-redis.ts'

export interface WatchedRedisOptions {
  /** What it is for: `limits`. */
  readonly what: string
  readonly url: string
  readonly prefix: string
  /** What is warned of whenever it goes away, and at the start if it is. */
  readonly away: string
  readonly lifecycle: Lifecycle
  readonly log: Log
}

/** A connection to Redis for as long as the unit runs; it opens also while Redis is away. */
export async function watchedRedis({ what, url, prefix, away, lifecycle, log }: WatchedRedisOptions): Promise<RedisConnection> {
  const redis = lifecycle.add(`the Redis of ${what}`, await shareRedis({ url, prefix, log }))
  const note = (status: typeof redis.status): void => {
    if (status === 'away') log.warn(away)
  }
  note(redis.status)
  const watching = redis.watch(note)
  lifecycle.onStop(`the watch on the Redis of ${what}`, () => watching[Symbol.dispose]())
  return redis
}
