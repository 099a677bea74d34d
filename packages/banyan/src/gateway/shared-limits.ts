import { memoryStore, type LimitStore } from '../limits/stores.ts'

/** What a limit does while the Redis that it is counted in is away: `open`: each process counts for itself; `closed`: it refuses. */
export type WhenAway = 'open' | 'closed'

/** Limits that several processes count together. */
export interface SharedLimits {
  readonly stores: Readonly<Record<WhenAway, LimitStore>>
  /** Of limits that say nothing. */
  readonly usual: WhenAway
}

/** Stands for those of a Redis while a file is only read, and nothing is counted. */
export const uncounted: SharedLimits = { stores: { open: memoryStore(), closed: memoryStore() }, usual: 'open' }
