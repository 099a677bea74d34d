import type { Entry, EntryFacts, Loaded } from './entry.ts'

/** How long after it was last heard of invalidations, or after its load began, an entry may be served: the promise is 100 ms. */
export const HEARD_MS = 60

/** What the shared tier has under a key. */
export interface Opened {
  /** Current when it was read, perhaps no longer fresh. */
  readonly entry: Entry | undefined
  /** Whether the asker is to load: nobody else does so at the moment. */
  readonly leads: boolean
  /** The number of invalidations: what a load that begins now carries. */
  readonly at: number
}

/** A load's answer on its way into the shared tier. */
export interface Filling extends Pick<Loaded, 'text' | 'tags'> {
  readonly facts: EntryFacts
  readonly at: number
  /** Milliseconds since the load began. */
  readonly ageMs: number
}

/**
 * The tier that the processes of an app share, and through which they hear of each other's invalidations.
 *
 * Guarantees: a filling whose tags were invalidated after its `at` is refused; an entry that `open` gives was current at that moment; and an
 * entry of `at` may be served from memory by a process that has heard of all invalidations up to less than 100 ms ago. So nobody serves
 * what was invalidated 100 ms ago, whichever message was lost.
 *
 * Everything throws `unavailable` while the tier is away.
 */
export interface SharedTier extends AsyncDisposable {
  /** Until when, on the monotonic clock, all invalidations are known here. */
  readonly heardAt: number
  readonly away: boolean
  /** Hears of what was invalidated since. */
  listen(): Promise<void>
  /**
   * What is kept under a key; where it is not there or not fresh any more, or with `anyway`, the first asker is to load it, under a lease
   * that ends with `fill`, `release`, or by itself when the process dies.
   */
  open(key: string, lease: string, options: { readonly anyway: boolean }): Promise<Opened>
  /** Answers whether it was taken, and ends the lease. */
  fill(key: string, lease: string, filling: Filling): Promise<boolean>
  /** Keeps the lease from ending while its load goes on. */
  extend(key: string, lease: string): Promise<void>
  release(key: string, lease: string): Promise<void>
  /**
   * Refuses from now on what was loaded before. Within 100 ms of the answer no process serves it any more. Where it fails it is made up for
   * before anything else is read through this tier.
   */
  invalidate(tags: readonly string[]): Promise<void>
}
