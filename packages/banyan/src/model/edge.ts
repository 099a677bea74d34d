import type { Duration } from '../kernel/duration.ts'

/**
 * How the calls to another unit are spread over its instances. `peak-ewma`: the one of two, taken by chance, that promises to answer first.
 * `least-connections`: the one with the fewest calls under way. `round-robin`: in turn. `weighted`: in turn, by weight.
 * `consistent-hash`: calls for one subject go to one instance, as long as it is not much busier than the others, so that what it keeps in
 * memory is of use; behind a gateway, those of one client's address.
 */
export type BalancerName = 'peak-ewma' | 'round-robin' | 'weighted' | 'least-connections' | 'consistent-hash'

/** How one unit calls another: what stands around each call on the way there. What is left out is as between any two units. */
export interface EdgeOptions {
  /** Attempts at one call that is lost on the way, the first included; 3 unless said, 1 for no repeats. */
  readonly attempts?: number
  /** Stops calling an instance that keeps failing; `false` never does. */
  readonly breaker?: boolean | BreakerPolicy
  /** Calls under way at once, and calls that may wait for a place; 1,000 each unless said. More are refused as `overloaded`. */
  readonly bulkhead?: { readonly limit?: number; readonly queue?: number }
  /** A second attempt, at another instance, at a *query* that is later than queries usually are. Off unless said. */
  readonly hedging?: boolean | HedgingPolicy
  /** `peak-ewma` unless said. */
  readonly balancer?: BalancerName
  /** How long an instance that is new gets less than its share; 30 s unless said, `'0s'` for not at all. */
  readonly slowStart?: Duration
}
export interface BreakerPolicy {
  /** Share of failures in the window that opens it, above 0 to 1; 0.5 unless said. */
  readonly failureRatio?: number
  /** Calls that the window must hold before the ratio counts; 20 unless said. */
  readonly minimumCalls?: number
  /** Failures in a row that open it, however few calls there are; 5 unless said. */
  readonly consecutiveFailures?: number
  /** 10 s unless said. */
  readonly window?: Duration
  /** Calls let through while half-open; as many successes close it. 3 unless said. */
  readonly probes?: number
  /** How long it stays open the first time; doubled each time that probes fail, up to `openAtMost`. 1 s and 30 s unless said. */
  readonly open?: Duration
  readonly openAtMost?: Duration
}
export interface HedgingPolicy {
  /** The share of calls that are answered before a second attempt begins, between 0 and 1; 0.95 unless said. */
  readonly quantile?: number
  /** The shortest wait before the second attempt; 5 ms unless said. */
  readonly minimum?: Duration
}
