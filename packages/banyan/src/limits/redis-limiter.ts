import type { RedisConnection } from '../store/redis.ts'
import type { Algorithm } from './algorithm.ts'
import type { Limiter, Taken } from './decision.ts'
import { Script } from '../store/redis-script.ts'

/** Where a script takes the time from, as `now`, in ticks. */
export type ScriptClock = string

/** The server's own clock, so that all processes go by one. */
const SERVER_CLOCK: ScriptClock = `local t = redis.call('TIME')
local now = math.floor((t[1] * 1000000 + t[2]) / tick)`

/** A script of one algorithm: one key, one text for the state, kept until nothing need be remembered. */
function scriptOf({ lua }: Algorithm, clock: ScriptClock): string {
  return `local cost, cap, tick = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
${clock}
local function arg(n) return tonumber(ARGV[3 + n]) end
local function text(n) return string.format('%.0f', n) end
local function answer(admitted, remaining, reset, retry, state)
  if state then
    if reset > 0 then redis.call('SET', KEYS[1], state, 'PX', math.ceil(reset * tick / 1000)) else redis.call('DEL', KEYS[1]) end
  end
  return {admitted and 1 or 0, remaining, reset, retry}
end
local s = redis.call('GET', KEYS[1])
${lua}`
}

/** A limit in Redis, which all processes share: one script, atomic, on the server's clock. */
export class RedisLimiter implements Limiter {
  readonly #algorithm: Algorithm
  readonly #redis: Pick<RedisConnection, 'run'>
  readonly #prefix: string
  readonly #script: Script
  readonly #numbers: readonly number[]

  /** `prefix` must be another for another limit, unless both are to share their counts. */
  constructor(algorithm: Algorithm, redis: Pick<RedisConnection, 'run'>, prefix: string, clock: ScriptClock = SERVER_CLOCK) {
    this.#algorithm = algorithm
    this.#redis = redis
    // the numbers are part of the key: after a change of the limit, states of before would be misread
    this.#prefix = `${prefix}${algorithm.signature.replaceAll(' ', ':')}:`
    this.#script = new Script(1, scriptOf(algorithm, clock))
    this.#numbers = [algorithm.limit, algorithm.tickUs, ...algorithm.numbers]
  }

  async take(key: string, cost: number): Promise<Taken> {
    const { limit, tickUs } = this.#algorithm
    const found = await this.#redis.run((client) => this.#script.run(client, [this.#prefix + key, cost, ...this.#numbers]))
    const [admitted, remaining, reset, retry] = found as [number, number, number, number]
    const taken = {
      admitted: admitted === 1,
      limit,
      remaining,
      resetMs: (reset * tickUs) / 1_000,
      retryMs: retry < 0 ? Infinity : (retry * tickUs) / 1_000,
    }
    return taken.admitted ? { ...taken, giveBack: () => this.take(key, -cost) } : taken
  }
}
