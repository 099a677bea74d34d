import type { Clock } from '../kernel/clock.ts'
import type { RedisConnection } from '../store/redis.ts'
import type { Algorithm } from './algorithm.ts'
import { MemoryConcurrency, RedisConcurrency, type ConcurrencyOptions } from './concurrency.ts'
import type { Limiter } from './decision.ts'
import { MemoryLimiter } from './memory-limiter.ts'
import { MemoryCounter, QuotaLimiter, RedisCounter, type Span } from './quota.ts'
import { RedisLimiter } from './redis-limiter.ts'
import { WhenAway } from './when-away.ts'

/** Makes limits that are kept in one place. `name` tells them apart there. */
export interface LimitStore {
  rate(algorithm: Algorithm, name: string): Limiter
  concurrency(options: ConcurrencyOptions, name: string): Limiter
  /** Quotas of one name share their counts, whatever their sizes, so that a new plan begins with what was spent under the old one. */
  quota(span: Span, limit: number, name: string): Limiter
}

/** Limits of this process alone. */
export function memoryStore(clock?: Clock): LimitStore {
  const counters = new Map<string, MemoryCounter>()
  const counterOf = (name: string): MemoryCounter => {
    const counter = counters.get(name) ?? new MemoryCounter(clock)
    counters.set(name, counter)
    return counter
  }
  return {
    rate: (algorithm) => new MemoryLimiter(algorithm, clock && { clock }),
    concurrency: (options) => new MemoryConcurrency(options, clock),
    quota: (span, limit, name) => new QuotaLimiter(span, limit, counterOf(name), clock),
  }
}

/** Limits that all processes share. */
export function redisStore(redis: Pick<RedisConnection, 'run' | 'prefix'>): LimitStore {
  const prefix = (name: string): string => `${redis.prefix}limit:${name}:`
  return {
    rate: (algorithm, name) => new RedisLimiter(algorithm, redis, prefix(name)),
    concurrency: (options, name) => new RedisConcurrency(options, redis, prefix(name)),
    quota: (span, limit, name) => new QuotaLimiter(span, limit, new RedisCounter(redis, prefix(name))),
  }
}

/** Limits of a store that may be away; `own` decides meanwhile, or nothing is admitted. */
export function whenAway(shared: LimitStore, own: LimitStore | 'closed'): LimitStore {
  const closed = own === 'closed'
  return {
    rate: (algorithm, name) => new WhenAway(shared.rate(algorithm, name), closed ? own : own.rate(algorithm, name)),
    concurrency: (options, name) => new WhenAway(shared.concurrency(options, name), closed ? own : own.concurrency(options, name)),
    quota: (span, limit, name) => new WhenAway(shared.quota(span, limit, name), closed ? own : own.quota(span, limit, name)),
  }
}
