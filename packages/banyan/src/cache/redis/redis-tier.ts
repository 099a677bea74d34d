import type { Redis } from 'ioredis'
import { systemClock, type Clock } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/errors.ts'
import type { Log } from '../../model/context.ts'
import type { RedisConnection } from '../../store/redis.ts'
import { frozenJson, lifeOf, type Entry, type EntryFacts } from '../entry.ts'
import type { Filling, Opened, SharedTier } from '../shared-tier.ts'
import type { TagVersions } from '../tag-versions.ts'
import { fill, invalidate, lease, listen, open } from './scripts.ts'

export interface RedisTierOptions {
  readonly redis: RedisConnection
  /** What is known here of invalidations; kept up to date. */
  readonly versions: TagVersions
  readonly log: Log
  readonly clock?: Pick<Clock, 'monotonic'>
  /** How long a lease lasts that nobody extends, in milliseconds; 2,000 unless said. */
  readonly leaseMs?: number
  /** Most tags kept in Redis; 200,000 unless said. Beyond, the older half is forgotten, and all that was loaded before counts as invalidated. */
  readonly tags?: number
}

const LEASE_MS = 2_000
const TAGS = 200_000
/** Most news heard at once; more than that, and everything counts as invalidated. */
const NEWS = 10_000
/** Most tags invalidated at once; more than that, and everything is. */
const OWED = 5_000

/** The shared tier in Redis 6.2 or later: an entry is a hash, its lease a key, and all invalidations are one sorted set. */
export class RedisTier implements SharedTier {
  readonly #options: RedisTierOptions
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #subscriber: Redis
  /** What is to be invalidated and is not yet, since Redis was away. */
  #owed = new Set<string>()
  #paying: Promise<void> | undefined
  #known = ''
  #heardAt = -Infinity
  #listening: Promise<void> | undefined

  constructor(options: RedisTierOptions) {
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

  get heardAt(): number {
    return this.#heardAt
  }

  get away(): boolean {
    return this.#options.redis.status === 'away'
  }

  listen(): Promise<void> {
    this.#listening ??= this.#listen().finally(() => (this.#listening = undefined))
    return this.#listening
  }

  async open(key: string, token: string, { anyway }: { readonly anyway: boolean }): Promise<Opened> {
    await this.#pay()
    const leaseMs = this.#options.leaseMs ?? LEASE_MS
    const answer = (await this.#run(open, [...this.#keys(key), token, leaseMs, anyway ? '1' : '0'])) as [string, number, number?, ...string[]]
    const [at, leads, age, ...kept] = answer
    // what is kept from now on is older than what is heard of from here on
    if (this.#known === '') this.#known = at
    return { at: Number(at), leads: leads === 1, entry: age === undefined ? undefined : this.#entryOf(age, kept) }
  }

  async fill(key: string, token: string, { at, tags, text, facts, ageMs }: Filling): Promise<boolean> {
    // cjson reads an empty list as what it is only from this text
    const listed = JSON.stringify(tags)
    return (await this.#run(fill, [...this.#keys(key), token, at, listed, text, JSON.stringify(facts), facts.ttlMs, lifeOf(facts), Math.ceil(ageMs)])) === 1
  }

  async extend(key: string, token: string): Promise<void> {
    await this.#run(lease, [this.#keys(key)[2], token, this.#options.leaseMs ?? LEASE_MS])
  }

  async release(key: string, token: string): Promise<void> {
    await this.#run(lease, [this.#keys(key)[2], token, 0])
  }

  async invalidate(tags: readonly string[]): Promise<void> {
    for (const tag of tags) this.#owed.add(tag)
    await this.#pay()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#subscriber.disconnect()
    await this.#listening?.catch(() => undefined)
  }

  get #tagsKey(): string {
    return `${this.#options.redis.prefix}cache:tags`
  }

  get #channel(): string {
    return `${this.#options.redis.prefix}cache:news`
  }

  #keys(key: string): [string, string, string] {
    const { prefix } = this.#options.redis
    return [this.#tagsKey, `${prefix}cache:entry:${key}`, `${prefix}cache:lease:${key}`]
  }

  #run(script: typeof open, given: readonly (string | number)[]): Promise<unknown> {
    return this.#options.redis.run((client) => script.run(client, given))
  }

  /** Invalidates what is owed; whoever reads waits for it. What fails stays owed. */
  async #pay(): Promise<void> {
    while (this.#paying || this.#owed.size > 0) await (this.#paying ??= this.#payOnce().finally(() => (this.#paying = undefined)))
  }

  async #payOnce(): Promise<void> {
    const paid = this.#owed
    this.#owed = new Set()
    const tags = paid.size > OWED ? [''] : [...paid]
    try {
      const number = Number(await this.#run(invalidate, [this.#tagsKey, this.#channel, this.#options.tags ?? TAGS, ...tags]))
      for (const tag of tags) this.#note(tag, number)
    } catch (error) {
      for (const tag of paid) this.#owed.add(tag)
      throw error
    }
  }

  #note(tag: string, number: number): void {
    const { versions } = this.#options
    if (tag === '') versions.raiseFloor(number)
    else versions.note(tag, number)
  }

  #hint(): void {
    this.listen().catch((error: unknown) => this.#options.log.debug('news of invalidations could not be heard', { reason: messageOf(error) }))
  }

  async #listen(): Promise<void> {
    await this.#pay()
    const askedAt = this.#clock.monotonic()
    const [latest, ...news] = (await this.#run(listen, [this.#tagsKey, this.#known, NEWS])) as [string, ...string[]]
    const { versions } = this.#options
    if (news.length >= 2 * NEWS) versions.raiseFloor(Number(latest))
    for (let place = 0; place < news.length; place += 2) this.#note(news[place]!, Number(news[place + 1]))
    versions.reach(Number(latest))
    this.#known = latest
    this.#heardAt = askedAt
  }

  #entryOf(ageMs: number, [text, at, tags, facts]: readonly string[]): Entry {
    return {
      ...(JSON.parse(facts!) as EntryFacts),
      text: text!,
      value: frozenJson(text!),
      at: Number(at),
      tags: JSON.parse(tags!) as string[],
      bornAt: this.#clock.monotonic() - ageMs,
    }
  }
}
