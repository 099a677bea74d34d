import type { Instance as Registered } from '../discovery/registry.ts'
import type { Outcome } from '../resilience/callee-failure.ts'
import { slowStartFactor, type SlowStart } from './slow-start.ts'

/** What balancing needs to know of an instance. */
export type Instance = Pick<Registered, 'id' | 'zone' | 'weight'>

export interface EndpointStatus {
  readonly instance: string
  /** Calls under way, and calls and failures since it was first seen. */
  readonly pending: number
  readonly calls: number
  readonly failures: number
  /** The peak-EWMA of its latency, in milliseconds. */
  readonly latencyMs: number
  /** Why it gets no calls at the moment. */
  readonly ejected: string | undefined
}

const TAU_MS = 10_000
const DEFAULT_RTT_MS = 30

/**
 * What a caller knows of one instance. Its latency is a mean that follows slower answers at once and faster ones over 10 s, so that a caller
 * leaves a slow instance early and returns with care. A failure never counts as faster than what is known, or what fails fast would look
 * best. (tower, `load::peak_ewma`; Linkerd)
 */
export class Endpoint {
  readonly instance: Instance
  readonly weight: number
  /** Monotonic milliseconds. */
  readonly firstSeen: number
  pending = 0
  calls = 0
  failures = 0
  /** Why it is ejected; kept by the outlier detector. */
  ejected: string | undefined
  readonly #slowStart: SlowStart
  readonly #spared: number
  #rtt = DEFAULT_RTT_MS
  #at: number

  /** `slowStart`: only for an instance that came later than its fellows. */
  constructor(instance: Instance, at: number, slowStart: SlowStart = { windowMs: 0 }) {
    this.instance = instance
    this.weight = Math.max(instance.weight ?? 1, Number.EPSILON)
    this.firstSeen = at
    this.#at = at
    this.#slowStart = slowStart
    this.#spared = at + (slowStart.windowMs ?? 30_000)
  }

  begin(): void {
    this.pending++
  }

  /** Counts a call that ended at `at` after `ms`. */
  end(at: number, ms: number, outcome: Outcome): void {
    this.pending--
    if (outcome === 'abandoned') {
      if (ms > this.#rtt) [this.#rtt, this.#at] = [ms, at] // it would have taken at least that long
      return
    }
    this.calls++
    if (outcome === 'failure') this.failures++
    const known = outcome === 'failure' ? Math.max(ms, this.#rtt, DEFAULT_RTT_MS) : ms
    if (known >= this.#rtt) this.#rtt = known
    else {
      const decay = Math.exp((this.#at - at) / TAU_MS)
      this.#rtt = this.#rtt * decay + known * (1 - decay)
    }
    this.#at = at
  }

  /** The mean as of its last answer. */
  get latencyMs(): number {
    return this.#rtt
  }

  /** Its weight at `at`, less while it is new. */
  share(at: number): number {
    return at >= this.#spared ? this.weight : this.weight * slowStartFactor(at - this.firstSeen, this.#slowStart)
  }

  /** What one more call would cost: its latency, fading while nothing is heard so that it is tried again, times the calls it would have. */
  cost(at: number): number {
    return (this.#rtt * Math.exp((this.#at - at) / TAU_MS) * (this.pending + 1)) / this.share(at)
  }

  status(): EndpointStatus {
    const { pending, calls, failures, latencyMs, ejected } = this
    return { instance: this.instance.id, pending, calls, failures, latencyMs, ejected }
  }
}
