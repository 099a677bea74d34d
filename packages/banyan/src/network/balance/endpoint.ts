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
  /** Whether its health checks pass; while not, it gets no calls that another can take. */
  readonly healthy: boolean
  /** Why it gets no calls at the moment, whatever its health checks say. */
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
  /** Whether its health checks pass; kept by whoever makes them. */
  healthy = true
  /** Why it is ejected; kept by the outlier detector. */
  ejected: string | undefined
  readonly #slowStart: SlowStart
  readonly #spared: number
  #rtt = DEFAULT_RTT_MS
  /** Whether its latency is known. */
  #heard = false
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

  /** Counts a call that ended at `at` after `ms`; `undefined` where how long it took tells nothing. */
  end(at: number, ms: number | undefined, outcome: Outcome): void {
    this.pending--
    if (outcome === 'abandoned') {
      if (ms !== undefined && ms > this.#rtt) this.#learn(at, ms) // it would have taken at least that long
      return
    }
    this.calls++
    if (outcome === 'failure') this.failures++
    const known = outcome === 'failure' ? Math.max(ms ?? 0, this.#rtt, DEFAULT_RTT_MS) : ms
    if (known !== undefined) this.#learn(at, known)
  }

  /** Makes it as if nothing were known of its latency: it was away, and is another one now. */
  forget(): void {
    this.#heard = false
    this.#rtt = DEFAULT_RTT_MS
  }

  #learn(at: number, ms: number): void {
    if (ms >= this.#rtt || !this.#heard) this.#rtt = ms
    else {
      const decay = Math.exp((this.#at - at) / TAU_MS)
      this.#rtt = this.#rtt * decay + ms * (1 - decay)
    }
    this.#heard = true
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

  /**
   * What one more call would cost: its latency, fading while nothing is heard so that it is tried again, times the calls it would have. One
   * of which nothing is known costs nothing until it has a call, or a new one would wait long beside fast fellows. (Finagle, `PeakEwma`)
   */
  cost(at: number): number {
    if (!this.#heard) return this.pending === 0 ? 0 : (DEFAULT_RTT_MS * (this.pending + 1)) / this.share(at)
    return (this.#rtt * Math.exp((this.#at - at) / TAU_MS) * (this.pending + 1)) / this.share(at)
  }

  status(): EndpointStatus {
    const { pending, calls, failures, latencyMs, healthy, ejected } = this
    return { instance: this.instance.id, pending, calls, failures, latencyMs, healthy, ejected }
  }
}
