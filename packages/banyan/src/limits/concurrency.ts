import { systemClock, type Clock } from '../kernel/clock.ts'
import { uuidv7 } from '../kernel/id.ts'
import type { RedisConnection } from '../store/redis.ts'
import type { Left, Limiter, Taken } from './decision.ts'
import { Script } from '../store/redis-script.ts'

export interface ConcurrencyOptions {
  /** Requests at once. */
  readonly limit: number
  /** Milliseconds after which a place that nobody gave back is free. */
  readonly leaseMs: number
}

/** Nobody knows when a place will be given back. */
const RETRY_MS = 1_000

function decision({ limit, leaseMs }: ConcurrencyOptions, admitted: boolean, held: number): Omit<Taken, 'giveBack'> {
  return { admitted, limit, remaining: Math.max(0, limit - held), resetMs: held === 0 ? 0 : leaseMs, retryMs: admitted ? 0 : Math.min(RETRY_MS, leaseMs) }
}

/** So many at once in this process. Every request takes one place, whatever it costs, and gives it back. */
export class MemoryConcurrency implements Limiter {
  readonly #options: ConcurrencyOptions
  readonly #clock: Pick<Clock, 'monotonic'>
  /** By key the ends of leases, the earliest first, by a number of their own. */
  readonly #held = new Map<string, Map<number, number>>()
  #next = 0

  constructor(options: ConcurrencyOptions, clock: Pick<Clock, 'monotonic'> = systemClock) {
    this.#options = options
    this.#clock = clock
  }

  /** Keys that hold a place. */
  get size(): number {
    return this.#held.size
  }

  take(key: string): Taken {
    const now = this.#clock.monotonic()
    const places = this.#held.get(key) ?? new Map<number, number>()
    for (const [place, until] of places) {
      if (until > now) break
      places.delete(place)
    }
    if (places.size >= this.#options.limit) return decision(this.#options, false, places.size)
    const place = this.#next++
    places.set(place, now + this.#options.leaseMs)
    this.#held.set(key, places)
    return { ...decision(this.#options, true, places.size), giveBack: () => this.#giveBack(key, places, place) }
  }

  #giveBack(key: string, places: Map<number, number>, place: number): Left {
    places.delete(place)
    if (places.size === 0 && this.#held.get(key) === places) this.#held.delete(key)
    return decision(this.#options, true, places.size)
  }
}

/** A sorted set of places by the end of their leases, on the server's clock. */
const take = new Script(
  1,
  `local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now))
local held = redis.call('ZCARD', KEYS[1])
if held >= tonumber(ARGV[1]) then return {0, held} end
redis.call('ZADD', KEYS[1], string.format('%.0f', now + ARGV[2]), ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return {1, held + 1}`,
)

/** So many at once in all processes that share a Redis. The place of a process that died is free when its lease has ended. */
export class RedisConcurrency implements Limiter {
  readonly #options: ConcurrencyOptions
  readonly #redis: Pick<RedisConnection, 'run'>
  readonly #prefix: string

  constructor(options: ConcurrencyOptions, redis: Pick<RedisConnection, 'run'>, prefix: string) {
    this.#options = options
    this.#redis = redis
    this.#prefix = `${prefix}concurrency:`
  }

  async take(key: string): Promise<Taken> {
    const { limit, leaseMs } = this.#options
    const [name, place] = [this.#prefix + key, uuidv7()]
    const [admitted, held] = (await this.#redis.run((client) => take.run(client, [name, limit, leaseMs, place]))) as [number, number]
    const taken = decision(this.#options, admitted === 1, held)
    if (!taken.admitted) return taken
    const giveBack = async (): Promise<Left> => {
      await this.#redis.run((client) => client.zrem(name, place))
      // as when it was taken; what others have taken since is not asked for
      return decision(this.#options, true, held - 1)
    }
    return { ...taken, giveBack }
  }
}
