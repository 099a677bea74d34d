import { BanyanError } from '../kernel/errors.ts'
import { milliseconds } from '../kernel/duration.ts'
import type { Cache, CacheLifetimes, CacheOptions } from '../model/cache.ts'
import type { Awaitable } from '../model/schema.ts'
import type { Lifetimes, Loaded } from './entry.ts'
import { noMarks } from './marks.ts'
import type { Question } from './question.ts'
import { CacheGroup } from './statistics.ts'
import type { TieredCache } from './tiered-cache.ts'

/** Most tags of one entry. */
const TAGS = 100

/** A service's tags as the whole app knows them; the service's own tag is the one without a name. */
export function scoped(service: string, tags: readonly string[]): readonly string[] {
  if (tags.length > TAGS) {
    throw new BanyanError('invalid_configuration', `an answer of ${service} has ${tags.length} tags; give it at most ${TAGS}, such as one for the whole list`)
  }
  const empty = tags.indexOf('')
  if (empty >= 0) throw new BanyanError('invalid_configuration', `tag ${empty + 1} of an answer of ${service} is empty; name what the answer depends on`)
  return tags.map((tag) => `${service}/${tag}`)
}

/** The tag that everything of a service has. */
export function tagOf(service: string): string {
  return `${service}/`
}

export function lifetimesOf({ ttl, staleWhileRevalidate = '0ms', staleIfError = '0ms' }: CacheLifetimes): Lifetimes {
  return { ttlMs: milliseconds(ttl), staleMs: milliseconds(staleWhileRevalidate), staleOnErrorMs: milliseconds(staleIfError) }
}

/** What a service caches by hand. */
export class ServiceCache implements Cache {
  readonly group: CacheGroup = new CacheGroup()
  readonly #service: string
  readonly #cache: TieredCache

  constructor(service: string, cache: TieredCache) {
    this.#service = service
    this.#cache = cache
  }

  async getOrSet<T>(key: string, load: () => Awaitable<T>, options: CacheOptions): Promise<T> {
    const { entry } = await this.#cache.ask(this.#question(key, load, options))
    return entry.value as T
  }

  async set(key: string, value: unknown, options: CacheOptions): Promise<void> {
    await this.#cache.put(
      this.#question(key, () => value, options),
      this.#own(key),
    )
  }

  async delete(key: string): Promise<void> {
    await this.#cache.invalidate([this.#own(key)])
  }

  async invalidate(...tags: readonly string[]): Promise<void> {
    await this.#cache.invalidate(scoped(this.#service, tags))
  }

  async clear(): Promise<void> {
    await this.#cache.invalidate([tagOf(this.#service)])
  }

  /** The tag of one key: a control character keeps it apart from all tags that are said. */
  #own(key: string): string {
    return `${this.#service}/\u0000${key}`
  }

  #question(key: string, run: () => Awaitable<unknown>, options: CacheOptions): Question {
    const { ttlMs, ...lifetimes } = lifetimesOf(options)
    const load = async (): Promise<Loaded> => {
      const tags = [tagOf(this.#service), this.#own(key), ...scoped(this.#service, options.tags ?? [])]
      const text = JSON.stringify(await run()) as string | undefined
      if (text !== undefined) return { text, kind: 'value', ttlMs, tags }
      throw new BanyanError('invalid_configuration', `what ${this.#service} caches as '${key}' cannot be said in JSON; cache null where there is nothing`)
    }
    return { key: `${this.#service}/${key}`, group: this.group, lifetimes, needs: noMarks, load, refresh: load }
  }
}
