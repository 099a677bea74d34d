import { systemClock, type Clock } from '../../kernel/clock.ts'
import type { Log } from '../../model/context.ts'
import type { RedisConnection } from '../../store/redis.ts'
import { frozenJson, lifeOf, type Entry, type EntryFacts } from '../entry.ts'
import type { Filling, Opened, SharedTier } from '../shared-tier.ts'
import type { TagVersions } from '../tag-versions.ts'
import { Invalidations } from './invalidations.ts'
import { fill, lease, open } from './scripts.ts'

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

/** The shared tier in Redis 6.2 or later: an entry is a hash, its lease a key, and all invalidations are one sorted set. */
export class RedisTier implements SharedTier {
  readonly #options: RedisTierOptions
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #invalidations: Invalidations

  constructor(options: RedisTierOptions) {
    this.#options = options
    const { redis, versions, log, tags = TAGS, clock = systemClock } = options
    this.#clock = clock
    this.#invalidations = new Invalidations({
      redis,
      name: 'cache',
      tags,
      note: (tag, number) => (tag === '' ? versions.raiseFloor(number) : versions.note(tag, number)),
      reached: (latest) => versions.reach(latest),
      log,
      clock,
    })
  }

  get heardAt(): number {
    return this.#invalidations.heardAt
  }

  get away(): boolean {
    return this.#options.redis.status === 'away'
  }

  listen(): Promise<void> {
    return this.#invalidations.listen()
  }

  async open(key: string, token: string, { anyway }: { readonly anyway: boolean }): Promise<Opened> {
    await this.#invalidations.settle()
    const leaseMs = this.#options.leaseMs ?? LEASE_MS
    const answer = (await this.#run(open, [...this.#keys(key), token, leaseMs, anyway ? '1' : '0'])) as [string, number, number?, ...string[]]
    const [at, leads, age, ...kept] = answer
    // what is kept from now on is older than what is heard of from here on
    this.#invalidations.begin(at)
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
    await this.#invalidations.invalidate(tags)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#invalidations[Symbol.asyncDispose]()
  }

  #keys(key: string): [string, string, string] {
    const { prefix } = this.#options.redis
    return [this.#invalidations.key, `${prefix}cache:entry:${key}`, `${prefix}cache:lease:${key}`]
  }

  #run(script: typeof open, given: readonly (string | number)[]): Promise<unknown> {
    return this.#options.redis.run((client) => script.run(client, given))
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
