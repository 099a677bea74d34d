import { systemClock, type Clock } from '../kernel/clock.ts'
import { BanyanError, messageOf } from '../kernel/errors.ts'
import type { Log } from '../model/context.ts'
import { isRefreshedEarly } from './early-refresh.ts'
import { bytesOf, lifeOf, standingAt, type Entry } from './entry.ts'
import { Loader, type Landed, type LoaderOptions } from './loader.ts'
import { covers } from './marks.ts'
import { MemoryCache } from './memory/memory-cache.ts'
import type { Found, Question, Way } from './question.ts'
import { HEARD_MS, type SharedTier } from './shared-tier.ts'
import type { CacheGroup } from './statistics.ts'
import type { TagVersions } from './tag-versions.ts'

export interface TieredCacheOptions {
  readonly versions: TagVersions
  /** What the processes of the app share; `'none'`: this process is the only one; `'unheard'`: there are others, and nothing to hear of them by. */
  readonly shared: SharedTier | 'none' | 'unheard'
  readonly log: Log
  /** Most entries and bytes in memory; 100,000 and 64 MiB unless said. */
  readonly memory?: { readonly entries?: number; readonly bytes?: number }
  readonly clock?: Clock
  readonly random?: () => number
}

const ENTRIES = 100_000
const BYTES = 64 * 1024 * 1024
/** After so long they are asked for in the background, so that under load nobody waits. */
const LISTEN_MS = 30

interface Held {
  readonly entry: Entry
  readonly group: CacheGroup
}

/** Answers from memory, then from what the processes share, then from a load, of which there is one at a time. */
export class TieredCache implements AsyncDisposable {
  readonly #options: TieredCacheOptions
  readonly #clock: Clock
  readonly #memory: MemoryCache<Held>
  readonly #tier: SharedTier | undefined
  readonly #loader: Loader
  readonly #flights = new Map<string, Promise<Landed>>()
  readonly #refreshing = new Map<string, Promise<void>>()

  constructor(options: TieredCacheOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#tier = typeof options.shared === 'string' ? undefined : options.shared
    const { entries = ENTRIES, bytes = BYTES } = options.memory ?? {}
    const removed = ({ group }: Held, size: number) => noteRemoved(group, size)
    this.#memory = new MemoryCache({ entries, bytes, ...(options.clock && { clock: options.clock }), removed })
    const { versions, log } = options
    const keep: LoaderOptions['keep'] = (question, entry, ttlMs) => this.#keep(question, entry, ttlMs)
    this.#loader = new Loader({ versions, log, tier: this.#tier, alone: options.shared === 'none', clock: this.#clock, keep })
  }

  /** Entries and bytes in memory, and how many were thrown out for want of room. */
  get memory(): { readonly entries: number; readonly bytes: number; readonly evictions: number } {
    return { entries: this.#memory.size, bytes: this.#memory.bytes, evictions: this.#memory.evictions }
  }

  /** `undefined` where there is no shared tier. */
  get shared(): 'healthy' | 'away' | undefined {
    if (!this.#tier) return undefined
    return this.#tier.away ? 'away' : 'healthy'
  }

  /** Throws what the load throws, unless there is something that may be served instead. */
  ask(question: Question): Found | Promise<Found> {
    question.group.asked++
    const held = this.#memory.get(question.key)
    if (!held) return this.#miss(question, undefined)
    const { entry } = held
    if (this.#isHeard(entry)) return this.#judge(question, entry)
    return this.#listen().then((heard) => (heard ? this.#judge(question, entry) : this.#miss(question, undefined)))
  }

  /** What is in memory and current, without loading anything; `undefined` where there is nothing, or nobody knows. */
  async peek(key: string): Promise<Entry | undefined> {
    const entry = this.#memory.get(key)?.entry
    if (!entry || (!this.#isHeard(entry) && !(await this.#listen()))) return undefined
    return this.#options.versions.isCurrent(entry.at, entry.tags) && standingAt(entry, this.#clock.monotonic()) === 'fresh' ? entry : undefined
  }

  /**
   * From now on nothing that was loaded before is served here, and 100 ms later nowhere. Throws `unavailable` while the shared tier is away;
   * then it is made up for when that is back.
   */
  async invalidate(tags: readonly string[]): Promise<void> {
    if (tags.length === 0) return
    if (!this.#tier) {
      this.#options.versions.next(tags)
      if (this.#options.shared === 'unheard') this.#forget()
      return
    }
    try {
      await this.#tier.invalidate(tags)
    } catch (error) {
      this.#forget()
      throw error
    }
  }

  /** Keeps a value that is known: what was loaded or kept under its key before is invalidated first. */
  async put(question: Question, own: string): Promise<void> {
    await this.invalidate([own])
    const at = this.#options.versions.of(own)
    await this.#loader.load(question, { by: 'load', at, lease: undefined, old: undefined, shared: this.#tier !== undefined })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled([...this.#refreshing.values(), ...this.#flights.values()])
    await this.#tier?.[Symbol.asyncDispose]()
  }

  /** Whether everything that was invalidated until lately is known, so far as it concerns this entry. */
  #isHeard({ bornAt }: Entry): boolean {
    if (this.#options.shared === 'none') return true
    const now = this.#clock.monotonic()
    const heardAt = this.#tier?.heardAt ?? -Infinity
    if (now - heardAt > LISTEN_MS && this.#tier && !this.#tier.away) void this.#listen()
    return now - Math.max(heardAt, bornAt) <= HEARD_MS
  }

  /** `false`: nobody can say. */
  async #listen(): Promise<boolean> {
    if (!this.#tier || this.#tier.away) return false
    try {
      await this.#tier.listen()
      return true
    } catch (error) {
      if (!BanyanError.is(error, 'unavailable')) this.#options.log.error('invalidations cannot be heard of', { error })
      return false
    }
  }

  #judge(question: Question, entry: Entry): Found | Promise<Found> {
    if (!this.#options.versions.isCurrent(entry.at, entry.tags)) {
      this.#memory.delete(question.key)
      return this.#miss(question, undefined)
    }
    if (!covers(entry.marks, question.needs)) return this.#miss(question, entry)
    const now = this.#clock.monotonic()
    const standing = standingAt(entry, now)
    if (standing === 'failing' || standing === 'over') return this.#miss(question, standing === 'over' ? undefined : entry)
    if (standing === 'stale' || isRefreshedEarly(entry, now, this.#options.random ?? Math.random)) this.#refresh(question, entry)
    return this.#found(question, entry, standing === 'stale' ? 'stale' : 'hit', now)
  }

  /** Joins the load that is under way, or begins one. */
  async #miss(question: Question, old: Entry | undefined): Promise<Found> {
    const askedAt = this.#clock.monotonic()
    const { key } = question
    for (let flight = this.#flights.get(key); flight; flight = this.#flights.get(key)) {
      const landed = await flight.catch((error: unknown) => {
        // the time or the patience of another asker is over, not this one's
        if (BanyanError.is(error, 'deadline_exceeded') || BanyanError.is(error, 'cancelled')) return undefined
        throw error
      })
      question.deadline?.check('the answer')
      if (landed && isFor(question, landed, askedAt)) return this.#found(question, landed.entry, landed.way === 'loaded' ? 'hit' : landed.way)
    }
    const flight = this.#loader.fly(question, old)
    this.#flights.set(key, flight)
    try {
      const { entry, way } = await flight
      if (way === 'stale') this.#refresh(question, entry)
      return this.#found(question, entry, way)
    } finally {
      if (this.#flights.get(key) === flight) this.#flights.delete(key)
    }
  }

  #refresh(question: Question, old: Entry): void {
    const { key } = question
    if (this.#refreshing.has(key)) return
    const refreshed = this.#loader
      .refresh(question, old)
      .catch((error: unknown) => this.#options.log.warn('a cached answer could not be loaded again', { key, reason: messageOf(error) }))
      .finally(() => this.#refreshing.delete(key))
    this.#refreshing.set(key, refreshed)
  }

  #found({ group }: Question, entry: Entry, way: Way, now = this.#clock.monotonic()): Found {
    if (way === 'hit') group.hits++
    else if (way === 'stale') group.stale++
    else if (way === 'failing') group.failing++
    if (way !== 'loaded') group.agesMs += now - entry.bornAt
    return { entry, way }
  }

  #keep({ key, group }: Question, entry: Entry, ttlMs = lifeOf(entry) - (this.#clock.monotonic() - entry.bornAt)): void {
    const bytes = bytesOf(key, entry)
    group.entries++
    group.bytes += bytes
    if (!this.#memory.set(key, { entry, group }, { bytes, ttlMs })) noteRemoved(group, bytes)
  }

  #forget(): void {
    this.#memory.clear()
    this.#loader.forget()
  }
}

/** Whether a load's answer holds for somebody who asked while it was under way: nothing was invalidated meanwhile, or it began later. */
function isFor({ needs }: Question, { entry, accepted }: Landed, askedAt: number): boolean {
  return (accepted || entry.bornAt > askedAt) && covers(entry.marks, needs)
}

function noteRemoved(group: CacheGroup, bytes: number): void {
  group.entries--
  group.bytes -= bytes
}
