/** How a part of the cache has fared since the process started. */
export interface CacheStatistics {
  /** Asked in all. */
  readonly asked: number
  /** Answered from memory or from Redis, fresh. */
  readonly hits: number
  /** Answered while it was loaded again in the background. */
  readonly stale: number
  /** Answered with what was there, since loading it failed. */
  readonly failing: number
  /** Share of answers that nobody had to wait for a load for, 0 to 1. */
  readonly hitRatio: number
  /** Loads begun, and how long one took on average, in milliseconds. */
  readonly loads: number
  readonly loadMs: number
  /** Loads whose answer was not kept, since it was invalidated meanwhile. */
  readonly refused: number
  /** Average age of what was served from the cache, in milliseconds. */
  readonly ageMs: number
  /** What is in memory now. */
  readonly entries: number
  readonly bytes: number
}

/** Counts for one operation, or for what a service caches by hand. */
export class CacheGroup {
  asked = 0
  hits = 0
  stale = 0
  failing = 0
  loads = 0
  loadMs = 0
  refused = 0
  agesMs = 0
  entries = 0
  bytes = 0

  get statistics(): CacheStatistics {
    const { asked, hits, stale, failing, loads, refused, entries, bytes } = this
    const served = hits + stale + failing
    return {
      asked,
      hits,
      stale,
      failing,
      hitRatio: asked === 0 ? 0 : rounded((hits + stale) / asked, 1_000),
      loads,
      loadMs: loads === 0 ? 0 : rounded(this.loadMs / loads, 100),
      refused,
      ageMs: served === 0 ? 0 : Math.round(this.agesMs / served),
      entries,
      bytes,
    }
  }
}

function rounded(number: number, parts: number): number {
  return Math.round(number * parts) / parts
}
