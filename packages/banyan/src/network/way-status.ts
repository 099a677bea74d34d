import type { EndpointStatus } from './balance/endpoint.ts'
import type { BreakerStatus } from './resilience/breaker.ts'
import type { HedgeStatus } from './resilience/hedge.ts'

/** An instance as its callers see it: healthy or not, ejected and why, latency, calls. */
export interface PeerStatus extends EndpointStatus {
  readonly breaker: BreakerStatus | undefined
}

/** What a way has not sent since the start, by why. */
export interface Refusals {
  /** All places were taken and the queue was full. */
  readonly full: number
  /** No time was left to begin, or it ran out in the queue. */
  readonly late: number
  /** The breakers were open. */
  readonly broken: number
  /** No instance was known. */
  readonly absent: number
}

/** How a way stands; counts are since the start. */
export interface WayStatus {
  /** Calls asked for, those refused included. */
  readonly calls: number
  /** Attempts after the first, hedges not included. */
  readonly repeats: number
  /** Calls that ended without an attempt. */
  readonly refused: Refusals
  /** Repeats that the budget allows now. */
  readonly retriesLeft: number
  /** Calls that have a place, that wait for one, and the places there are. */
  readonly running: number
  readonly waiting: number
  readonly limit: number
  readonly instances: readonly PeerStatus[]
  readonly hedging: HedgeStatus | undefined
}
