import type { Deadline } from '../kernel/deadline.ts'
import type { Entry, Lifetimes, Loaded } from './entry.ts'
import type { Marks } from './marks.ts'
import type { CacheGroup } from './statistics.ts'

/** What is asked of the cache. */
export interface Question {
  readonly key: string
  readonly group: CacheGroup
  readonly lifetimes: Omit<Lifetimes, 'ttlMs'>
  /** What the answer must have seen; an entry that has not is passed over. */
  readonly needs: Marks
  /** Until when an answer is wanted. */
  readonly deadline?: Deadline | undefined
  load(): Promise<Loaded>
  /** Loads it again when nobody waits for it. */
  refresh(): Promise<Loaded>
}

/** How an answer came about: from the cache, from it while it is loaded again, from it since a load failed, or by a load. */
export type Way = 'hit' | 'stale' | 'failing' | 'loaded'

export interface Found {
  readonly entry: Entry
  readonly way: Way
}
