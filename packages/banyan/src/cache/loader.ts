import type { Clock } from '../kernel/clock.ts'
import { BanyanError, messageOf } from '../kernel/errors.ts'
import { uuidv7 } from '../kernel/id.ts'
import type { Log } from '../model/context.ts'
import { isDeclared } from '../model/declared-error.ts'
import { frozenJson, lifeOf, standingAt, type Entry, type EntryFacts, type Loaded } from './entry.ts'
import { keepLease } from './lease.ts'
import { covers, merged, noMarks } from './marks.ts'
import type { Found, Question } from './question.ts'
import { HEARD_MS, type Opened, type SharedTier } from './shared-tier.ts'
import type { TagVersions } from './tag-versions.ts'

/** What came of a load, or of what another process had loaded. */
export interface Landed extends Found {
  /** Whether nothing it depends on was invalidated meanwhile; if so, it holds for those who asked while it was under way. */
  readonly accepted: boolean
}

export interface LoaderOptions {
  readonly tier: SharedTier | undefined
  /** Whether other processes may invalidate. */
  readonly alone: boolean
  readonly versions: TagVersions
  readonly clock: Clock
  readonly log: Log
  /** Keeps an entry in memory, for the rest of its life unless a time is said. */
  readonly keep: (question: Question, entry: Entry, ttlMs?: number) => void
}

/** How a load is to be done. */
interface Manner {
  readonly by: 'load' | 'refresh'
  /** The number of invalidations when it begins. */
  readonly at: number
  /** What others see by that it is under way. */
  readonly lease: string | undefined
  /** Whether its answer goes into the shared tier. */
  readonly shared: boolean
  /** What was there before. */
  readonly old: Entry | undefined
}

/** Between looks whether another process has loaded something, in milliseconds, doubling. */
const LOOK_MS = { first: 4, most: 50 }

/** Loads what is in no tier, or waits for the process that does. */
export class Loader {
  readonly #options: LoaderOptions
  /** Raised when everything that is under way is not to be kept. */
  #epoch = 0

  constructor(options: LoaderOptions) {
    this.#options = options
  }

  forget(): void {
    this.#epoch++
  }

  /** For somebody who waits. `old`: what is in memory, and is not good enough. */
  async fly(question: Question, old: Entry | undefined): Promise<Landed> {
    const { clock, versions } = this.#options
    const { key, needs } = question
    const lease = uuidv7()
    const anyway = old !== undefined && !covers(old.marks, needs)
    let opened = await this.#open(key, lease, anyway)
    for (let pause = LOOK_MS.first; opened; pause = Math.min(LOOK_MS.most, 2 * pause)) {
      const { entry, leads, at } = opened
      const way = entry && covers(entry.marks, needs) && wayOf(entry, clock.monotonic())
      if (entry && way) {
        if (leads) await this.#release(key, lease)
        this.#options.keep(question, entry)
        return { entry, way, accepted: true }
      }
      if (leads) return this.load(question, { by: 'load', at, lease, shared: true, old: entry ?? old })
      // whoever loads it may do so for somebody who needs less
      if (entry && !covers(entry.marks, needs)) return this.load(question, { by: 'load', at, lease: undefined, shared: true, old: entry })
      question.deadline?.check('what another process loads')
      await clock.wait(pause)
      opened = await this.#open(key, lease, false)
    }
    return this.load(question, { by: 'load', at: versions.latest, lease: undefined, shared: false, old })
  }

  /** For nobody in particular: unless another process has done so, or does so now. */
  async refresh(question: Question, old: Entry): Promise<void> {
    const { tier, versions } = this.#options
    const lease = uuidv7()
    const opened = await this.#open(question.key, lease, true)
    if (opened?.leads) {
      const { entry, at } = opened
      const isNewer = entry !== undefined && entry.bornAt > old.bornAt + HEARD_MS && wayOf(entry, this.#options.clock.monotonic()) === 'hit'
      if (!isNewer) return void (await this.load(question, { by: 'refresh', at, lease, shared: true, old: undefined }))
      await this.#release(question.key, lease)
    }
    if (opened?.entry) return this.#options.keep(question, opened.entry)
    if (!tier) await this.load(question, { by: 'refresh', at: versions.latest, lease: undefined, shared: false, old: undefined })
  }

  /** Loads, and keeps what comes where it may be kept. When that fails, what was there is served if its declaration allows it. */
  async load(question: Question, { by, at, lease, shared, old }: Manner): Promise<Landed> {
    const { clock, log, tier } = this.#options
    const { key, group } = question
    const bornAt = clock.monotonic()
    const epoch = this.#epoch
    group.loads++
    using _kept = lease !== undefined && tier ? keepLease(tier, { key, lease, clock, log }) : undefined
    let loaded: Loaded
    try {
      loaded = await question[by]()
    } catch (error) {
      if (lease !== undefined) await this.#release(key, lease)
      if (!old || !isFault(error) || !(await this.#isServable(old, question))) throw error
      log.warn('what could not be loaded is served as it was', { key, reason: messageOf(error) })
      return { entry: old, way: 'failing', accepted: true }
    }
    const costMs = clock.monotonic() - bornAt
    group.loadMs += costMs
    const marks = merged(old?.marks ?? noMarks, question.needs)
    const { text, kind, tags, ttlMs } = loaded
    // a refusal is served no longer than it says
    const later = kind === 'error' ? { staleMs: 0, staleOnErrorMs: 0 } : question.lifetimes
    const entry: Entry = { ...later, text, value: frozenJson(text), kind, tags, ttlMs, costMs, marks, at, bornAt }
    const accepted = lifeOf(entry) > 0 && (await this.#take(question, entry, { lease, shared, epoch }))
    if (!accepted) {
      group.refused++
      if (lease !== undefined) await this.#release(key, lease)
    }
    return { entry, way: 'loaded', accepted }
  }

  /** `false`: something was invalidated while it was loaded. */
  async #take(
    question: Question,
    entry: Entry,
    { lease = '', shared, epoch }: { lease: string | undefined; shared: boolean; epoch: number },
  ): Promise<boolean> {
    const { versions, clock, keep, alone } = this.#options
    const known = shared ? await this.#fill(question.key, lease, entry) : undefined
    if (known === false || epoch !== this.#epoch) return false
    if (known || alone) {
      const isCurrent = versions.isCurrent(entry.at, entry.tags)
      if (isCurrent) keep(question, entry)
      return isCurrent
    }
    // nothing is heard of the others: so it is kept no longer than what they invalidate may be served
    const left = HEARD_MS - (clock.monotonic() - entry.bornAt)
    if (left > 0) keep(question, entry, left)
    return left > 0
  }

  /** `undefined`: the shared tier is away. */
  async #fill(key: string, lease: string, entry: Entry): Promise<boolean | undefined> {
    const { tier, clock } = this.#options
    const { text, tags, at, kind, ttlMs, staleMs, staleOnErrorMs, costMs, marks } = entry
    const facts: EntryFacts = { kind, ttlMs, staleMs, staleOnErrorMs, costMs, marks }
    return this.#try(() => tier!.fill(key, lease, { text, tags, at, facts, ageMs: clock.monotonic() - entry.bornAt }))
  }

  async #open(key: string, lease: string, anyway: boolean): Promise<Opened | undefined> {
    const { tier } = this.#options
    return tier && !tier.away ? this.#try(() => tier.open(key, lease, { anyway })) : undefined
  }

  async #release(key: string, lease: string): Promise<void> {
    await this.#try(() => this.#options.tier!.release(key, lease))
  }

  /** What the shared tier answers, or `undefined` where it cannot: then the cache does without. */
  async #try<T>(asked: () => Promise<T>): Promise<T | undefined> {
    try {
      return await asked()
    } catch (error) {
      // that it is away was said by its connection
      if (!BanyanError.is(error, 'unavailable')) this.#options.log.error('the shared tier of the cache refuses', { error })
      return undefined
    }
  }

  async #isServable(old: Entry, { needs }: Question): Promise<boolean> {
    const { tier, versions, clock, alone } = this.#options
    if (standingAt(old, clock.monotonic()) === 'over' || !covers(old.marks, needs)) return false
    const heard = alone || (tier !== undefined && !tier.away && (await this.#try(() => tier.listen().then(() => true))) === true)
    return heard && versions.isCurrent(old.at, old.tags)
  }
}

function wayOf(entry: Entry, now: number): 'hit' | 'stale' | undefined {
  const standing = standingAt(entry, now)
  if (standing === 'fresh') return 'hit'
  return standing === 'stale' ? 'stale' : undefined
}

/** Whether a failure says nothing about what was asked for (RFC 5861 §4): a refusal is an answer. */
function isFault(error: unknown): boolean {
  if (isDeclared(error)) return false
  return !BanyanError.is(error) || error.status >= 500
}
