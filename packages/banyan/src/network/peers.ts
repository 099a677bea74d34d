import { BanyanError, messageOf } from '../kernel/errors.ts'
import type { AnyOperation } from '../model/operation.ts'
import { endpointSet, type EndpointSet } from './balance/endpoint-set.ts'
import type { Endpoint, Instance } from './balance/endpoint.ts'
import { outlierDetector, type OutlierDetector } from './balance/outliers.ts'
import type { EdgePolicies } from './edge-policies.ts'
import type { Envelope } from './envelope.ts'
import type { RemoteUnit } from './http/client.ts'
import { breaker, REFUSED, type Breaker } from './resilience/breaker.ts'
import type { Outcome } from './resilience/callee-failure.ts'
import { healthCheck, type HealthCheck } from './resilience/health-check.ts'
import type { PeerStatus } from './way-status.ts'

export interface PeersOptions<I extends Instance, C extends AsyncDisposable = RemoteUnit> {
  readonly unit: string
  /** Where this process is; nearer instances are preferred. */
  readonly zone?: string | undefined
  /** Tells the instances now and whenever they change, until disposed of. */
  watch(changed: (instances: readonly I[]) => void): Disposable
  /** A connection to one instance, without repeats of its own. Disposed of once the instance is gone and its calls have ended. */
  connect(instance: I): C
  /**
   * Whether an instance says that it is ready; it is asked now and then, and soon after a request to it was lost. Must end when `signal`
   * aborts. Without it, an instance that was ejected, or whose breaker is open, is back only after its time.
   */
  probe?(instance: I, signal: AbortSignal): Promise<boolean>
  /** How often it is asked while all is well, in milliseconds; 5,000 unless said. */
  readonly probeMs?: number | undefined
  readonly policies?: EdgePolicies
}

/** An instance as this process sees it. */
interface Peer<C> {
  readonly endpoint: Endpoint
  readonly breaker: Breaker | undefined
  readonly connection: C
  readonly health: HealthCheck | undefined
  /** Why the last request to it failed; `undefined`: it did not, or nobody said. */
  fault: string | undefined
  /** Whether the unit has it no more: then it is let go when its calls have ended. */
  gone: boolean
}

/** One request to one instance, from `Peers.begin` to `Peers.end`. */
export interface Attempt<C = RemoteUnit> {
  readonly peer: Peer<C>
  /** Of the breaker. */
  readonly ticket: number
  /** Monotonic milliseconds. */
  readonly began: number
}

/** Which instance a request should go to. */
export interface Wish {
  /** What the requests share that should go to one instance, where the balancer looks at it. */
  readonly key?: string | undefined
  /** None of these while there are others. */
  readonly tried?: readonly Endpoint[]
}

/** How long a request waits for an instance to be ready. */
const READY_MS = 500

/** The instances of a unit, each with its connection and what is known of it; and which of them takes the next request. */
export class Peers<I extends Instance, C extends AsyncDisposable = RemoteUnit> implements AsyncDisposable {
  readonly #unit: string
  readonly #outliers: OutlierDetector
  readonly #endpoints: EndpointSet
  readonly #peers = new Map<Endpoint, Peer<C>>()
  readonly #watching: Disposable
  readonly #probeMs: number | undefined

  constructor({ unit, zone, watch, connect, probe, probeMs, policies = {} }: PeersOptions<I, C>) {
    const { balancer, slowStart } = policies
    this.#unit = unit
    this.#probeMs = probeMs
    this.#outliers = outlierDetector(policies.outliers)
    this.#endpoints = endpointSet({ outliers: this.#outliers, zone, ...(balancer && { balancer }), ...(slowStart && { slowStart }) })
    const peerAt = (endpoint: Endpoint, instance: I): Peer<C> => {
      const connection = connect(instance)
      const guard = policies.breaker === false ? undefined : breaker(policies.breaker)
      const health = probe && this.#checking(endpoint, guard, (signal) => probe(instance, signal))
      return { endpoint, breaker: guard, connection, health, fault: undefined, gone: false }
    }
    this.#watching = watch((instances) => this.#update(instances, peerAt))
  }

  /** How many instances the unit has. */
  get count(): number {
    return this.#endpoints.all.length
  }

  /** Whether there is an instance that is not among `tried`. */
  others(tried: readonly Endpoint[]): boolean {
    return this.#endpoints.all.some((endpoint) => !tried.includes(endpoint))
  }

  /**
   * The instance for a request at `at`, as it is wished. Its breaker has let it through. Throws `unavailable` when
   * there is no instance, or the breakers of all that it may be are open.
   */
  begin(at: number, { service, name }: Pick<AnyOperation, 'service' | 'name'>, { key, tried }: Wish = {}): Attempt<C> {
    const picked = this.#endpoints.pick(at, key, tried)
    const attempt = picked && (this.#admitted(picked, at) ?? this.#another(at, [picked, ...(tried ?? [])], key))
    if (attempt) return attempt
    const why = picked ? this.#brokenText() : 'no instance of it is known'
    throw new BanyanError('unavailable', `${service}.${name}: unit '${this.#unit}' cannot be called, ${why}`, { executed: 'no' })
  }

  /**
   * After breakers have refused a request: asks the instances not yet `tried` whether they are ready, and waits a moment for one that is. So
   * what has just come back is used at once, and what is away still fails fast.
   */
  async ready({ deadline }: Pick<Envelope, 'deadline'>, tried: readonly Endpoint[]): Promise<boolean> {
    const left = [...this.#peers.values()].filter(({ endpoint }) => !tried.includes(endpoint))
    const asked = left.map(async ({ health, breaker }) => {
      if (!(await health?.ask()) || breaker?.status().state === 'open') throw new Error('not ready')
    })
    const moment = Promise.withResolvers<false>()
    const timer = setTimeout(() => moment.resolve(false), Math.min(READY_MS, deadline.left()))
    try {
      return await Promise.race([Promise.any(asked).then(() => true), moment.promise])
    } catch {
      return false
    } finally {
      clearTimeout(timer)
    }
  }

  /** Takes down how a request ended at `at`, and why it failed. `timed`: whether how long it took tells how fast the instance is. */
  end({ peer, ticket, began }: Attempt<C>, outcome: Outcome, at: number, timed: boolean, why?: unknown): void {
    const { endpoint } = peer
    if (outcome !== 'abandoned') peer.fault = outcome === 'failure' && why !== undefined ? messageOf(why) : undefined
    peer.breaker?.end(ticket, outcome, at)
    endpoint.end(at, timed ? at - began : undefined, outcome)
    this.#outliers.record(endpoint, outcome, at)
    if (outcome === 'failure') peer.health?.suspect()
    if (peer.gone) this.#letGo(peer)
  }

  /**
   * Takes down at `at` that an answer has begun which may last: it is judged now, so that no breaker waits for its end, and the instance is
   * kept until `release`.
   */
  heard(attempt: Attempt<C>, outcome: Outcome, at: number): void {
    attempt.peer.endpoint.begin()
    this.end(attempt, outcome, at, true)
  }

  /** Takes down the end of what was `heard`; `broken`: in the middle, by the instance. */
  release({ peer }: Attempt<C>, broken: boolean): void {
    const now = performance.now()
    peer.endpoint.end(now, undefined, 'abandoned')
    if (broken) {
      this.#outliers.record(peer.endpoint, 'failure', now)
      peer.health?.suspect()
    }
    if (peer.gone) this.#letGo(peer)
  }

  status(): readonly PeerStatus[] {
    return [...this.#peers.values()].map(({ endpoint, breaker }) => ({ ...endpoint.status(), breaker: breaker?.status() }))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#watching[Symbol.dispose]()
    const peers = [...this.#peers.values()]
    this.#peers.clear()
    for (const { health } of peers) health?.[Symbol.dispose]()
    this.#endpoints.update([], performance.now())
    await Promise.all(peers.map(({ connection }) => connection[Symbol.asyncDispose]()))
  }

  #update(instances: readonly I[], peerAt: (endpoint: Endpoint, instance: I) => Peer<C>): void {
    this.#endpoints.update(instances, performance.now())
    const { all } = this.#endpoints
    for (const [index, endpoint] of all.entries()) {
      if (!this.#peers.has(endpoint)) this.#peers.set(endpoint, peerAt(endpoint, instances[index]!))
    }
    for (const peer of this.#peers.values()) {
      if (all.includes(peer.endpoint)) continue
      peer.gone = true
      peer.health?.[Symbol.dispose]()
      this.#letGo(peer)
    }
  }

  #checking(endpoint: Endpoint, breaker: Breaker | undefined, probe: (signal: AbortSignal) => Promise<boolean>): HealthCheck {
    return healthCheck({
      probe,
      ...(this.#probeMs !== undefined && { intervalMs: this.#probeMs }),
      turned: (healthy) => this.#outliers.checked(endpoint, healthy),
      restored: () => {
        this.#outliers.passed(endpoint)
        breaker?.close('a health check passed')
        endpoint.forget()
      },
    })
  }

  /** Whose breakers are open, and what the last of them has seen. */
  #brokenText(): string {
    const open = [...this.#peers.values()].flatMap(({ breaker, fault }) => {
      const status = breaker?.status()
      return status && status.state !== 'closed' ? [fault === undefined ? status.reason : `${status.reason}: ${fault}`] : []
    })
    return `the breakers of ${open.length} of its ${this.count} instances are open (${open.at(-1)})`
  }

  #letGo({ endpoint, connection }: Peer<C>): void {
    if (endpoint.pending === 0 && this.#peers.delete(endpoint)) void connection[Symbol.asyncDispose]()
  }

  #admitted(endpoint: Endpoint, at: number): Attempt<C> | undefined {
    const peer = this.#peers.get(endpoint)
    const ticket = peer?.breaker ? peer.breaker.begin(at) : 1
    if (!peer || ticket === REFUSED) return undefined
    endpoint.begin()
    return { peer, ticket, began: at }
  }

  /** After a breaker refused: whatever is left besides `except`. */
  #another(at: number, except: Endpoint[], key: string | undefined): Attempt<C> | undefined {
    while (this.others(except)) {
      const endpoint = this.#endpoints.pick(at, key, except)!
      const attempt = this.#admitted(endpoint, at)
      if (attempt) return attempt
      except.push(endpoint)
    }
    return undefined
  }
}
