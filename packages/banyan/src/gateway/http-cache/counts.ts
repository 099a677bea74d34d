/** What became of requests since the start. */
export interface CacheCounts {
  hits: number
  /** Of the hits: served stale, while the origin was asked or because it failed. */
  stale: number
  misses: number
  /** Of the misses: the origin said that the stored answer stands. */
  validated: number
  /** Of the misses: waited for an answer that another client had asked for. */
  collapsed: number
  /** Passed on without a look at the cache. */
  bypassed: number
  stored: number
  invalidated: number
  /** Times that asking the origin behind a client's back failed. */
  renewalsFailed: number
}

export function cacheCounts(): CacheCounts {
  return { hits: 0, stale: 0, misses: 0, validated: 0, collapsed: 0, bypassed: 0, stored: 0, invalidated: 0, renewalsFailed: 0 }
}
