import type { Redis } from 'ioredis'
import { systemClock, type Clock } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/errors.ts'
import type { Log } from '../../model/context.ts'
import type { RedisConnection } from '../../store/redis.ts'
import { invalidate, listen } from './scripts.ts'

export interface InvalidationsOptions {
  readonly redis: RedisConnection
  /** What keys are called behind the prefix of the connection; who says the same hears the same. */
  readonly name: string
  /** Most tags kept in Redis. Beyond, the older half is forgotten, and all that was loaded before counts as invalidated. */
  readonly tags: number
  /** A tag was invalidated under a number, here or by another process; a tag `''`: everything was. May be told twice. */
  readonly note: (tag: string, number: number, from: 'here' | 'elsewhere') => void
  /** All invalidations up to a number have been told. */
  readonly reached?: (latest: number) => void
  readonly log: Log
  readonly clock?: Pick<Clock, 'monotonic'>
}

/** Most news heard at once; more than that, and everything counts as invalidated. */
const NEWS = 10_000
/** Most tags invalidated at once; more than that, and everything is. */
const OWED = 5_000
/** Most numbers remembered of what began here. */
const OWN = 1_000

/**
 * Invalidations that processes tell each other through Redis 6.2 or later: one sorted set of tags by the number of their last. Whoever
 * listens is told all that came after what it knew, so that no message has to arrive; messages only say that it is worth listening. A set
 * that was lost, or is behind what is known, counts as the invalidation of everything.
 */
export class Invalidations implements AsyncDisposable {
  readonly #options: InvalidationsOptions
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #subscriber: Redis
  /** What is to be invalidated and is not yet, since Redis was away. */
  #owed = new Set<string>()
  #paying: Promise<void> | undefined
  /** Numbers of what began here, until they are heard of. */
  readonly #own = new Set<string>()
  #known = ''
  #heardAt = -Infinity
  #listening: Promise<void> | undefined

  constructor(options: InvalidationsOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    const { redis, log } = options
    // a hint, so that news are heard at once instead of when somebody next asks
    this.#subscriber = redis.duplicate()
    this.#subscriber.on('message', () => this.#hint())
    // a command before the connection stands is refused, and so is every one while it is lost
    this.#subscriber.on('ready', () => {
      this.#subscriber.subscribe(this.#channel).catch((error: unknown) => log.debug('invalidations are not told at once', { reason: messageOf(error) }))
    })
  }

  /** Until when, on the monotonic clock, all invalidations were told; `-Infinity`: never yet. */
  get heardAt(): number {
    return this.#heardAt
  }

  /** The key of the sorted set. */
  get key(): string {
    return `${this.#options.redis.prefix}${this.#options.name}:tags`
  }

  /** Nothing older than this number is of interest, where nothing was heard yet. */
  begin(at: string): void {
    if (this.#known === '') this.#known = at
  }

  /** Is told what was invalidated since. Throws `unavailable`. */
  listen(): Promise<void> {
    this.#listening ??= this.#listen().finally(() => (this.#listening = undefined))
    return this.#listening
  }

  /** Throws `unavailable`; then it is made up for with the next that anybody asks of this. */
  async invalidate(tags: readonly string[]): Promise<void> {
    this.#owe(tags)
    await this.settle()
  }

  /** Invalidates what is owed; whoever reads waits for it. What fails stays owed. */
  async settle(): Promise<void> {
    while (this.#paying || this.#owed.size > 0) await (this.#paying ??= this.#pay().finally(() => (this.#paying = undefined)))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#subscriber.disconnect()
    await this.#listening?.catch(() => undefined)
  }

  get #channel(): string {
    return `${this.#options.redis.prefix}${this.#options.name}:news`
  }

  #run(script: typeof listen, given: readonly (string | number)[]): Promise<unknown> {
    return this.#options.redis.run((client) => script.run(client, given))
  }

  async #pay(): Promise<void> {
    const paid = this.#owed
    this.#owed = new Set()
    const tags = paid.has('') ? [''] : [...paid]
    try {
      const number = (await this.#run(invalidate, [this.key, this.#channel, this.#options.tags, ...tags])) as string
      if (this.#own.size >= OWN) this.#own.clear()
      this.#own.add(number)
      for (const tag of tags) this.#options.note(tag, Number(number), 'here')
    } catch (error) {
      this.#owe(paid)
      throw error
    }
  }

  /** While Redis is away for long, what is owed becomes everything, and so never much. */
  #owe(tags: Iterable<string>): void {
    for (const tag of tags) if (!this.#owed.has('')) this.#owed.add(tag)
    if (this.#owed.size > OWED || this.#owed.has('')) this.#owed = new Set([''])
  }

  #hint(): void {
    this.listen().catch((error: unknown) => this.#options.log.debug('news of invalidations could not be heard', { reason: messageOf(error) }))
  }

  async #listen(): Promise<void> {
    await this.settle()
    const askedAt = this.#clock.monotonic()
    const [latest, ...news] = (await this.#run(listen, [this.key, this.#known, NEWS])) as [string, ...string[]]
    const { note, reached } = this.#options
    if (news.length >= 2 * NEWS) note('', Number(latest), 'elsewhere')
    for (let place = 0; place < news.length; place += 2) {
      const number = news[place + 1]!
      note(news[place]!, Number(number), this.#own.has(number) ? 'here' : 'elsewhere')
    }
    for (const number of this.#own) if (Number(number) <= Number(latest)) this.#own.delete(number)
    reached?.(Number(latest))
    this.#known = latest
    this.#heardAt = askedAt
  }
}
