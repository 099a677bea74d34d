import { systemClock, type Clock } from '../kernel/clock.ts'
import type { Awaitable } from '../model/schema.ts'
import type { RedisConnection } from '../store/redis.ts'
import type { Left, Limiter, Taken } from './decision.ts'
import { Script } from '../store/redis-script.ts'

/** Counts what was spent under a name, until a moment of the wall clock. */
export interface Counter {
  /** Adds `cost`, which may be negative, unless the sum would be above `limit`; answers the sum, and whether it was added. */
  add(name: string, cost: number, limit: number, until: Date): Awaitable<{ readonly added: boolean; readonly sum: number }>
}

/** A time of the calendar, in UTC. */
export type Span = 'day' | 'month'

/** A quota: so much in a day or a month of the calendar. It is whole again when the next one begins. */
export class QuotaLimiter implements Limiter {
  readonly #span: Span
  readonly #limit: number
  readonly #counter: Counter
  readonly #clock: Pick<Clock, 'now'>

  constructor(span: Span, limit: number, counter: Counter, clock: Pick<Clock, 'now'> = systemClock) {
    this.#span = span
    this.#limit = limit
    this.#counter = counter
    this.#clock = clock
  }

  async take(key: string, cost: number): Promise<Taken> {
    const now = this.#clock.now()
    const until = endOf(this.#span, now)
    const name = `${key}:${now.toISOString().slice(0, this.#span === 'day' ? 10 : 7)}`
    const limit = this.#limit
    const { added, sum } = await this.#counter.add(name, cost, limit, until)
    const resetMs = until.getTime() - now.getTime()
    const taken = { admitted: added, limit, remaining: Math.max(0, limit - sum), resetMs, retryMs: added ? 0 : cost > limit ? Infinity : resetMs }
    if (!added) return taken
    const giveBack = async (): Promise<Left> => {
      const { sum: left } = await this.#counter.add(name, -cost, limit, until)
      return { remaining: Math.max(0, limit - left), resetMs }
    }
    return { ...taken, giveBack }
  }
}

function endOf(span: Span, now: Date): Date {
  const [year, month, day] = [now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()]
  return new Date(span === 'day' ? Date.UTC(year, month, day + 1) : Date.UTC(year, month + 1, 1))
}

/** Names looked at whenever one is new. */
const LOOKS = 2

/** Counts of this process, which end with it; of too many names the oldest is forgotten. */
export class MemoryCounter implements Counter {
  readonly #sums = new Map<string, { sum: number; readonly until: Date }>()
  readonly #clock: Pick<Clock, 'now'>
  readonly #most: number

  constructor(clock: Pick<Clock, 'now'> = systemClock, names = 100_000) {
    this.#clock = clock
    this.#most = names
  }

  /** Names remembered. */
  get size(): number {
    return this.#sums.size
  }

  add(name: string, cost: number, limit: number, until: Date): { added: boolean; sum: number } {
    const entry = this.#sums.get(name) ?? { sum: 0, until }
    const sum = Math.max(0, entry.sum + cost)
    if (cost > 0 && sum > limit) return { added: false, sum: entry.sum }
    entry.sum = sum
    if (!this.#sums.has(name)) this.#remember(name, entry)
    return { added: true, sum }
  }

  #remember(name: string, entry: { sum: number; readonly until: Date }): void {
    const now = this.#clock.now()
    let looks = 0
    // some of the oldest, so that what is over goes faster than other names come
    for (const [old, { until }] of this.#sums) {
      if (looks++ === LOOKS) break
      if (until <= now || this.#sums.size >= this.#most) this.#sums.delete(old)
    }
    this.#sums.set(name, entry)
  }
}

const add = new Script(
  1,
  `local sum = tonumber(redis.call('GET', KEYS[1]) or '0')
local cost, limit = tonumber(ARGV[1]), tonumber(ARGV[2])
if cost > 0 and sum + cost > limit then return {0, sum} end
sum = math.max(0, sum + cost)
redis.call('SET', KEYS[1], string.format('%.0f', sum), 'PXAT', ARGV[3])
return {1, sum}`,
)

/** How long a count is kept after its end: longer than clocks differ. */
const AFTER_MS = 3_600_000

/** Counts in Redis, which all processes share. They are as lasting as that Redis: without a disk they are gone when it restarts. */
export class RedisCounter implements Counter {
  readonly #redis: Pick<RedisConnection, 'run'>
  readonly #prefix: string

  constructor(redis: Pick<RedisConnection, 'run'>, prefix: string) {
    this.#redis = redis
    this.#prefix = `${prefix}quota:`
  }

  async add(name: string, cost: number, limit: number, until: Date): Promise<{ added: boolean; sum: number }> {
    const [added, sum] = (await this.#redis.run((client) => add.run(client, [this.#prefix + name, cost, limit, until.getTime() + AFTER_MS]))) as [
      number,
      number,
    ]
    return { added: added === 1, sum }
  }
}
