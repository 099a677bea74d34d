import { BanyanError } from '../kernel/errors.ts'
import { endpointSet, type EndpointSet } from './balance/endpoint-set.ts'
import type { Endpoint, EndpointStatus, Instance } from './balance/endpoint.ts'
import { outlierDetector, type OutlierDetector } from './balance/outliers.ts'
import type { RemoteUnit } from './http/client.ts'
import { breaker, REFUSED, type Breaker, type BreakerStatus } from './resilience/breaker.ts'
import type { Outcome } from './resilience/callee-failure.ts'
import { healthCheck, type HealthCheck } from './resilience/health-check.ts'
import type { WayOptions } from './way-options.ts'

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

/** One attempt at a call. */
export interface Trial {
  readonly peer: Peer
  readonly ticket: number
  readonly began: number
}

export type PeerStatus = EndpointStatus & { readonly breaker: BreakerStatus | undefined }

const UNGUARDED = 1

/** The instances that a way leads to, with what stands around each: which one gets the next call, and what its end tells. */
export class WayPeers<I extends Instance> implements AsyncDisposable {
  readonly #options: WayOptions<I>
  readonly #outliers: OutlierDetector
  readonly #endpoints: EndpointSet
  readonly #peers = new Map<Endpoint, Peer>()
  readonly #watching: Disposable

  constructor(options: WayOptions<I>) {
    const { zone, watch, policies: { outliers, balancer, slowStart } = {} } = options
    this.#options = options
    this.#outliers = outlierDetector(outliers)
    this.#endpoints = endpointSet({ outliers: this.#outliers, zone, ...(balancer && { balancer }), ...(slowStart && { slowStart }) })
    this.#watching = watch((instances) => this.#know(instances))
  }

  get count(): number {
    return this.#endpoints.all.length
  }

  /** Whether there is one that was not tried. */
  hasOther(tried: readonly Endpoint[]): boolean {
    return this.#endpoints.all.some((endpoint) => !tried.includes(endpoint))
  }

  /** Picks one that takes a call, if possible none of `tried`. Throws `unavailable` when none does. */
  begin(name: string, at: number, tried: readonly Endpoint[]): Trial {
    const endpoint = this.#endpoints.pick(at, undefined, tried.length === 0 ? undefined : tried)
    const peer = endpoint && this.#peers.get(endpoint)
    const ticket = peer && (peer.breaker ? peer.breaker.begin(at) : UNGUARDED)
    if (!peer || !ticket) return this.#beginElsewhere(name, at, tried, peer)
    peer.endpoint.begin()
    return { peer, ticket, began: at }
  }

  /** Another one than `first`, whose breaker is open. */
  #beginElsewhere(name: string, at: number, tried: readonly Endpoint[], first: Peer | undefined): Trial {
    if (!first) throw this.#uncallable(name, 'no instance of it is known')
    const others = this.#endpoints.all.filter((endpoint) => endpoint !== first.endpoint)
    for (const endpoint of others.toSorted((one, other) => Number(tried.includes(one)) - Number(tried.includes(other)))) {
      const peer = this.#peers.get(endpoint)!
      const ticket = peer.breaker ? peer.breaker.begin(at) : UNGUARDED
      if (ticket === REFUSED) continue
      endpoint.begin()
      return { peer, ticket, began: at }
    }
    throw this.#uncallable(name, `the breakers of all ${others.length + 1} instances are open (${first.breaker?.status().reason})`)
  }

  /** Tells how it ended at `at`. */
  end({ peer, ticket, began }: Trial, outcome: Outcome, at: number): void {
    peer.breaker?.end(ticket, outcome, at)
    peer.endpoint.end(at, at - began, outcome)
    this.#outliers.record(peer.endpoint, outcome, at)
    if (outcome === 'failure') peer.check?.suspect()
    if (peer.gone) this.#forget(peer)
  }

  /** Reads a feed, which waits long for news: no breaker waits for its end, and its time tells nothing. */
  async read(name: string, run: (connection: RemoteUnit) => Promise<unknown>, outcomeOf: (error: unknown) => Outcome): Promise<unknown> {
    const endpoint = this.#endpoints.pick(performance.now())
    const peer = endpoint && this.#peers.get(endpoint)
    if (!peer) throw this.#uncallable(name, 'no instance of it is known')
    peer.reading++
    try {
      const page = await run(peer.connection)
      this.#outliers.record(peer.endpoint, 'success', performance.now())
      return page
    } catch (error) {
      const outcome = outcomeOf(error)
      this.#outliers.record(peer.endpoint, outcome, performance.now())
      if (outcome === 'failure') peer.check?.suspect()
      throw error
    } finally {
      peer.reading--
      this.#forget(peer)
    }
  }

  status(): readonly PeerStatus[] {
    return [...this.#peers.values()].map(({ endpoint, breaker: guard }) => ({ ...endpoint.status(), breaker: guard?.status() }))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#watching[Symbol.dispose]()
    const peers = [...this.#peers.values()]
    this.#peers.clear()
    this.#endpoints.update([], performance.now())
    for (const { check } of peers) check?.[Symbol.dispose]()
    await Promise.all(peers.map(({ connection }) => connection[Symbol.asyncDispose]()))
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
    const { connect, probe, policies } = this.#options
    const guard = policies?.breaker === false ? undefined : breaker(policies?.breaker)
    const peer = new Peer(endpoint, guard, connect(instance))
    this.#peers.set(endpoint, peer)
    if (!probe) return
    peer.check = healthCheck({
      probe: (signal) => probe(instance, signal),
      passed: () => {
        if (!endpoint.healthy || endpoint.ejected !== undefined) endpoint.forget()
        this.#outliers.checked(endpoint, true)
        this.#outliers.passed(endpoint)
        guard?.close('it says that it is ready')
      },
      failed: () => this.#outliers.checked(endpoint, false),
    })
  }

  #forget(peer: Peer): void {
    if (!peer.gone || !peer.idle || !this.#peers.delete(peer.endpoint)) return
    peer.check?.[Symbol.dispose]()
    void peer.connection[Symbol.asyncDispose]()
  }

  #uncallable(name: string, why: string): BanyanError {
    return new BanyanError('unavailable', `${name}: unit '${this.#options.unit}' cannot be called, ${why}`, { executed: 'no' })
  }
}
