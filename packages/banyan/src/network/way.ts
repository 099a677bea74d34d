import { BanyanError } from '../kernel/errors.ts'
import type { AnyOperation } from '../model/operation.ts'
import type { Balancer } from './balance/balancer.ts'
import { endpointSet, type EndpointSet } from './balance/endpoint-set.ts'
import type { Endpoint, EndpointStatus, Instance } from './balance/endpoint.ts'
import { outlierDetector, type OutlierDetector, type OutlierOptions } from './balance/outliers.ts'
import type { SlowStart } from './balance/slow-start.ts'
import { envelopeWith, type Envelope } from './envelope.ts'
import type { RemoteUnit } from './http/client.ts'
import { backoff } from './resilience/backoff.ts'
import { breaker, REFUSED, type Breaker, type BreakerOptions, type BreakerStatus } from './resilience/breaker.ts'
import { bulkhead, type Bulkhead, type BulkheadStatus } from './resilience/bulkhead.ts'
import { outcomeOf, type Outcome } from './resilience/callee-failure.ts'
import { concurrencyLimit, type ConcurrencyLimit, type ConcurrencyOptions } from './resilience/concurrency.ts'
import { healthCheck, type HealthCheck } from './resilience/health-check.ts'
import { hedge, type Hedge, type HedgeStatus } from './resilience/hedge.ts'
import { isLeaving, isLost, withDoubt } from './resilience/lost.ts'
import { RetryBudget } from './resilience/retry-budget.ts'

/** What stands around the calls from one unit to another. All of it is on unless said, but hedging. */
export interface EdgePolicies {
  /** Attempts at one request, the first included; 3 unless said. */
  readonly attempts?: number
  readonly breaker?: BreakerOptions | false
  /** Calls at once to the unit, and calls that may wait; 1,000 each unless said. */
  readonly bulkhead?: { readonly limit?: number; readonly queue?: number }
  /** The limit that adapts: what one instance can bear, learnt from the calls to all; times the instances there are. */
  readonly concurrency?: ConcurrencyOptions | false
  readonly outliers?: OutlierOptions
  /** Second attempts at late queries. */
  readonly hedging?: { readonly quantile?: number; readonly minimumMs?: number }
  /** Peak-EWMA with two choices unless said. */
  readonly balancer?: Balancer
  readonly slowStart?: SlowStart
}

export interface WayOptions<I extends Instance> {
  readonly unit: string
  /** Where this process is; nearer instances are preferred. */
  readonly zone?: string | undefined
  /** Tells the instances now and whenever they change, until disposed of. */
  watch(changed: (instances: readonly I[]) => void): Disposable
  /** A connection to one instance, without repeats of its own. Disposed of once the instance is gone and its calls have ended. */
  connect(instance: I): RemoteUnit
  /** Whether an instance says that it is ready; rejects where it says nothing. Without it no health is checked. */
  probe?(instance: I, signal: AbortSignal): Promise<boolean>
  readonly policies?: EdgePolicies
}

export interface WayStatus extends BulkheadStatus {
  readonly instances: readonly (EndpointStatus & { readonly breaker: BreakerStatus | undefined })[]
  readonly hedging: HedgeStatus | undefined
  /** Attempts after the first, since the start. */
  readonly repeats: number
}

export interface Way extends RemoteUnit {
  status(): WayStatus
}

/**
 * The way to the instances of a unit: a call waits for a place, goes to the instance that promises most, and if it is lost on that hop is
 * repeated on another, within attempts, deadline and budget; also, once, if the instance answers that it is leaving. Commands too: their
 * idempotency key lets them be executed once only.
 */
export function wayTo<I extends Instance>(options: WayOptions<I>): Way {
  return new UnitWay(options)
}

/** An instance, and what is known of it. */
class Peer {
  readonly endpoint: Endpoint
  readonly breaker: Breaker | undefined
  readonly connection: RemoteUnit
  check: HealthCheck | undefined
  /** Feeds being read there, which are no calls to the balancer. */
  reading = 0
  /** It is no instance any more, and is let go once nothing is under way. */
  gone = false

  constructor(endpoint: Endpoint, guard: Breaker | undefined, connection: RemoteUnit) {
    this.endpoint = endpoint
    this.breaker = guard
    this.connection = connection
  }

  get idle(): boolean {
    return this.endpoint.pending === 0 && this.reading === 0
  }
}

/** A call on this way. */
interface Request {
  readonly operation: AnyOperation
  readonly input: unknown
  readonly envelope: Envelope
  /** When it got its place. */
  readonly began: number
}

/** One attempt at it. */
interface Trial {
  readonly peer: Peer
  readonly ticket: number
  readonly began: number
}

const NONE: readonly Endpoint[] = []
const UNGUARDED = 1

class UnitWay<I extends Instance> implements Way {
  readonly #options: WayOptions<I>
  readonly #policies: EdgePolicies
  readonly #attempts: number
  readonly #outliers: OutlierDetector
  readonly #endpoints: EndpointSet
  readonly #budget = new RetryBudget()
  readonly #adaptive: ConcurrencyLimit | undefined
  readonly #places: Bulkhead
  readonly #hedging: Hedge | undefined
  readonly #peers = new Map<Endpoint, Peer>()
  readonly #watching: Disposable
  #repeats = 0

  constructor(options: WayOptions<I>) {
    const { unit, zone, watch, policies = {} } = options
    const { balancer, slowStart, bulkhead: room, hedging } = policies
    this.#options = options
    this.#policies = policies
    this.#attempts = policies.attempts ?? 3
    this.#outliers = outlierDetector(policies.outliers)
    this.#endpoints = endpointSet({ outliers: this.#outliers, zone, ...(balancer && { balancer }), ...(slowStart && { slowStart }) })
    this.#adaptive = policies.concurrency === false ? undefined : concurrencyLimit(policies.concurrency)
    const most = room?.limit ?? 1_000
    this.#places = bulkhead({
      name: unit,
      limit: this.#adaptive ? () => Math.min(most, this.#adaptive!.limit() * this.#count) : most,
      queue: room?.queue ?? most,
    })
    this.#hedging = hedging && hedge({ budget: this.#budget, ...hedging })
    this.#watching = watch((instances) => this.#know(instances))
  }

  // no async function, and one reading of the clock before and one after: this is what every call between units costs
  call(operation: AnyOperation, input: unknown, envelope: Envelope): Promise<unknown> {
    const began = performance.now()
    try {
      if (envelope.deadline.at <= began) envelope.deadline.check(nameOf(operation))
      const wait = this.#places.enter(envelope)
      if (wait) return wait.then(() => this.#placed({ operation, input, envelope, began: performance.now() }))
      return this.#placed({ operation, input, envelope, began })
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** A feed waits long for news, so it takes no place, is not repeated here, no breaker waits for its end, and its time tells nothing. */
  async feed(service: string, request: unknown, signal: AbortSignal): Promise<unknown> {
    const endpoint = this.#endpoints.pick(performance.now())
    const peer = endpoint && this.#peers.get(endpoint)
    if (!peer) throw this.#uncallable(`${service}.feed`, 'no instance of it is known')
    peer.reading++
    try {
      const page = await peer.connection.feed(service, request, signal)
      this.#outliers.record(peer.endpoint, 'success', performance.now())
      return page
    } catch (error) {
      const outcome = signal.aborted ? 'abandoned' : outcomeOf(error)
      this.#outliers.record(peer.endpoint, outcome, performance.now())
      if (outcome === 'failure') peer.check?.suspect()
      throw error
    } finally {
      peer.reading--
      this.#forget(peer)
    }
  }

  status(): WayStatus {
    const instances = [...this.#peers.values()].map(({ endpoint, breaker: guard }) => ({ ...endpoint.status(), breaker: guard?.status() }))
    return { ...this.#places.status(), repeats: this.#repeats, instances, hedging: this.#hedging?.status() }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#watching[Symbol.dispose]()
    const peers = [...this.#peers.values()]
    this.#peers.clear()
    this.#endpoints.update([], performance.now())
    for (const { check } of peers) check?.[Symbol.dispose]()
    await Promise.all(peers.map(({ connection }) => connection[Symbol.asyncDispose]()))
  }

  get #count(): number {
    return Math.max(1, this.#endpoints.all.length)
  }

  #know(instances: readonly I[]): void {
    this.#endpoints.update(instances, performance.now())
    const byId = new Map(instances.map((instance) => [instance.id, instance]))
    for (const endpoint of this.#endpoints.all) if (!this.#peers.has(endpoint)) this.#add(endpoint, byId.get(endpoint.instance.id)!)
    const present = new Set(this.#endpoints.all)
    for (const peer of this.#peers.values()) {
      peer.gone = !present.has(peer.endpoint)
      this.#forget(peer)
    }
  }

  #add(endpoint: Endpoint, instance: I): void {
    const { connect, probe } = this.#options
    const guard = this.#policies.breaker === false ? undefined : breaker(this.#policies.breaker)
    const peer = new Peer(endpoint, guard, connect(instance))
    this.#peers.set(endpoint, peer)
    if (!probe) return
    peer.check = healthCheck({
      probe: (signal) => probe(instance, signal),
      passed: () => {
        this.#outliers.passed(endpoint)
        guard?.close('it says that it is ready')
      },
      failed: (why) => this.#outliers.failed(endpoint, why, performance.now()),
    })
  }

  #forget(peer: Peer): void {
    if (!peer.gone || !peer.idle || !this.#peers.delete(peer.endpoint)) return
    peer.check?.[Symbol.dispose]()
    void peer.connection[Symbol.asyncDispose]()
  }

  #placed(request: Request): Promise<unknown> {
    this.#budget.deposit(request.began)
    if (this.#hedging && request.operation.kind === 'query') return this.#leaving(request, this.#repeated(request, this.#hedging))
    let trial: Trial
    try {
      trial = this.#begin(request.operation, request.began, NONE)
    } catch (error) {
      return this.#leaving(request, Promise.reject(error))
    }
    return trial.peer.connection.call(request.operation, request.input, request.envelope).then(
      (value) => {
        const at = performance.now()
        this.#end(trial, 'success', at)
        this.#places.leave(at - request.began)
        return value
      },
      (error: unknown) => {
        this.#end(trial, failureOf(error, request.envelope.aborted), performance.now())
        return this.#leaving(request, this.#repeated(request, undefined, { error, tried: [trial.peer.endpoint] }))
      },
    )
  }

  /** Gives the place back when it ends. */
  async #leaving(request: Request, end: Promise<unknown>): Promise<unknown> {
    try {
      return await end
    } finally {
      this.#places.leave(performance.now() - request.began)
    }
  }

  /** Attempts until one is answered; `first` has failed already. */
  async #repeated(request: Request, hedging: Hedge | undefined, first?: { readonly error: unknown; readonly tried: Endpoint[] }): Promise<unknown> {
    const { envelope } = request
    const tried = first?.tried ?? []
    let maybe = false
    let left = false
    let failed: { readonly error: unknown; readonly refused: boolean } | undefined = first && { error: first.error, refused: false }
    for (let number = 1; ; number++) {
      const before = tried.length
      try {
        if (!failed) {
          if (!hedging) return await this.#attempt(request, tried)
          return await hedging.run((_index, signal) => this.#attempt(request, tried, signal), envelope)
        }
      } catch (error) {
        failed = { error, refused: tried.length === before && this.#endpoints.all.length > 0 }
      }
      const { error, refused } = failed!
      failed = undefined
      maybe ||= BanyanError.is(error) && error.executed === 'maybe'
      // once only: what is leaving may stand further on, and then every hop would repeat it
      const leaving: boolean = isLeaving(error) && !left && this.#endpoints.all.some((endpoint) => !tried.includes(endpoint))
      left ||= leaving
      // where breakers refused, waiting a little does not help
      const lost = (isLost(error) && !refused) || leaving
      const again = lost && number < this.#attempts && !envelope.aborted && this.#budget.withdraw() && (await backoff(number, envelope))
      if (!again) throw withDoubt(error, maybe)
      this.#repeats++
    }
  }

  async #attempt({ operation, input, envelope }: Request, tried: Endpoint[], signal?: AbortSignal): Promise<unknown> {
    const trial = this.#begin(operation, performance.now(), tried)
    tried.push(trial.peer.endpoint)
    try {
      const value = await trial.peer.connection.call(operation, input, signal ? envelopeWith(envelope, { signal }) : envelope)
      this.#end(trial, 'success', performance.now())
      return value
    } catch (error) {
      this.#end(trial, failureOf(error, signal?.aborted ?? envelope.aborted), performance.now())
      throw error
    }
  }

  /** Picks a peer that takes the call. Throws `unavailable` when none does. */
  #begin(operation: AnyOperation, at: number, tried: readonly Endpoint[]): Trial {
    const endpoint = this.#endpoints.pick(at, undefined, tried.length === 0 ? undefined : tried)
    const peer = endpoint && this.#peers.get(endpoint)
    const ticket = peer && (peer.breaker ? peer.breaker.begin() : UNGUARDED)
    if (!peer || !ticket) return this.#beginElsewhere(operation, at, tried, peer)
    peer.endpoint.begin()
    return { peer, ticket, began: at }
  }

  /** Another one than `first`, whose breaker is open. */
  #beginElsewhere(operation: AnyOperation, at: number, tried: readonly Endpoint[], first: Peer | undefined): Trial {
    if (!first) throw this.#uncallable(nameOf(operation), 'no instance of it is known')
    const others = this.#endpoints.all.filter((endpoint) => endpoint !== first.endpoint)
    for (const endpoint of [...others.filter((other) => !tried.includes(other)), ...others.filter((other) => tried.includes(other))]) {
      const peer = this.#peers.get(endpoint)!
      const ticket = peer.breaker ? peer.breaker.begin() : UNGUARDED
      if (ticket === REFUSED) continue
      endpoint.begin()
      return { peer, ticket, began: at }
    }
    throw this.#uncallable(nameOf(operation), `the breakers of all ${others.length + 1} instances are open (${first.breaker?.status().reason})`)
  }

  #uncallable(name: string, why: string): BanyanError {
    return new BanyanError('unavailable', `${name}: unit '${this.#options.unit}' cannot be called, ${why}`, { executed: 'no' })
  }

  #end({ peer, ticket, began }: Trial, outcome: Outcome, at: number): void {
    const ms = at - began
    peer.breaker?.end(ticket, outcome, at)
    if (this.#adaptive && outcome !== 'abandoned') this.#adaptive.record(ms, Math.ceil(this.#places.running / this.#count), outcome === 'failure')
    peer.endpoint.end(at, ms, outcome)
    this.#outliers.record(peer.endpoint, outcome, at)
    if (outcome === 'failure') peer.check?.suspect()
    if (peer.gone) this.#forget(peer)
  }
}

function failureOf(error: unknown, aborted: boolean): Outcome {
  return aborted && !BanyanError.is(error, 'deadline_exceeded') ? 'abandoned' : outcomeOf(error)
}

function nameOf({ service, name }: AnyOperation): string {
  return `${service}.${name}`
}
