import type { Duration } from '../kernel/duration.ts'
import type { AnyEvent } from './event.ts'
import type { Awaitable } from './schema.ts'

/** How long something cached may be served. */
export interface CacheLifetimes {
  /** How long it is fresh. */
  ttl: Duration
  /** How much longer it is served while it is loaded again in the background (RFC 5861); not at all unless said. */
  staleWhileRevalidate?: Duration
  /** How much longer it is served when loading it again fails (RFC 5861); not at all unless said. */
  staleIfError?: Duration
}

/**
 * How the answers of a query are cached, in every tier: in memory, in the Redis of the topology, and in what lies between the service and
 * its client. Access rules are asked whatever is cached. Nothing is served later than 100 ms after it was invalidated, and a caller is
 * never served less than what it has written itself, where the query's consistency is `session`.
 */
export interface CachePolicy<Input = never, Output = never> extends CacheLifetimes {
  /** What an answer depends on, such as `order:1`: names that are the service's own. Of a remembered refusal there is no output. */
  tags?: (input: Input, output: Output | undefined) => readonly string[]
  /** Whether all subjects of a tenant get the same answer. Unless said, each subject's answers are its own. */
  shared?: boolean
  /** How long the declared refusal `NotFound` is remembered; not at all unless said. */
  notFound?: Duration
  /** How long a browser keeps it without asking again; unless said it always asks, and is answered 304 while nothing has changed. */
  browser?: Duration
  /** How long CDNs and proxies keep what everybody may see; `ttl` unless said. They hear of no invalidation but by the tags in the headers. */
  cdn?: Duration
  /** Changing it leaves everything behind that was cached before: for a handler that now answers otherwise. */
  version?: string | number
}

/** Tags that an event of a contract or of an own aggregate invalidates. */
export interface Invalidation {
  readonly kind: 'invalidation'
  readonly event: AnyEvent
  readonly tags: (data: never) => readonly string[]
}

export interface CacheOptions extends CacheLifetimes {
  /** What it depends on, such as `order:1`; the same names that policies and invalidations of the service use. */
  tags?: readonly string[]
}

/**
 * The cache of a service, for use by hand. Keys and tags are its own; values are what JSON can say, and what comes out is frozen, since all
 * who ask share it. While Redis is away reading goes on without it, and `set`, `delete`, `invalidate` and `clear` throw `unavailable`; what they were
 * to invalidate is made up for when it is back.
 */
export interface Cache {
  /** What is cached, or what `load` answers: one load at a time, in all processes together. Throws what `load` throws. */
  getOrSet<T>(key: string, load: () => Awaitable<T>, options: CacheOptions): Promise<T>
  /** Puts a value in the place of what is cached: after what was written is committed. */
  set(key: string, value: unknown, options: CacheOptions): Promise<void>
  delete(key: string): Promise<void>
  /** Everything that depends on one of these tags: what is cached by hand, and answers of queries. */
  invalidate(...tags: readonly string[]): Promise<void>
  /** Everything of the service. */
  clear(): Promise<void>
}
