import type { Balancer } from './balance/balancer.ts'
import type { OutlierOptions } from './balance/outliers.ts'
import type { SlowStart } from './balance/slow-start.ts'
import type { BreakerOptions } from './resilience/breaker.ts'
import type { Envelope } from './envelope.ts'
import type { ConcurrencyOptions } from './resilience/concurrency.ts'

/** What stands around the calls from one unit to another. All of it is on unless said, but hedging and the limit that adapts. */
export interface EdgePolicies {
  /** Attempts at one request, the first included; 3 unless said. */
  readonly attempts?: number
  readonly breaker?: BreakerOptions | false
  /** Calls at once to the unit, and calls that may wait; 1,000 each unless said. */
  readonly bulkhead?: { readonly limit?: number; readonly queue?: number }
  /**
   * The limit that adapts: what one instance can bear, learnt from the calls to all; times the instances there are. For units whose calls all
   * take about as long: it cannot tell calls that are slow by nature from calls that wait.
   */
  readonly concurrency?: ConcurrencyOptions
  readonly outliers?: OutlierOptions
  /** Second attempts at late queries. */
  readonly hedging?: { readonly quantile?: number; readonly minimumMs?: number }
  /** Peak-EWMA with two choices unless said. */
  readonly balancer?: Balancer
  /** What the calls share that a balancer should keep together. */
  readonly key?: (envelope: Envelope) => string
  readonly slowStart?: SlowStart
}
