import type { Deadline } from '../kernel/deadline.ts'
import { BanyanError } from '../kernel/errors.ts'
import type { AnyOperation } from '../model/operation.ts'
import type { Balancer } from './balance/balancer.ts'
import { endpointSet } from './balance/endpoint-set.ts'
import type { Endpoint, EndpointStatus, Instance } from './balance/endpoint.ts'
import { outlierDetector, type OutlierOptions } from './balance/outliers.ts'
import type { SlowStart } from './balance/slow-start.ts'
import { envelopeWith, type Envelope } from './envelope.ts'
import type { RemoteUnit } from './http/client.ts'
import { backoff } from './resilience/backoff.ts'
import { breaker, REFUSED, type Breaker, type BreakerOptions, type BreakerStatus } from './resilience/breaker.ts'
import { bulkhead, type BulkheadStatus } from './resilience/bulkhead.ts'
import { outcomeOf, type Outcome } from './resilience/callee-failure.ts'
import { concurrencyLimit, type ConcurrencyOptions } from './resilience/concurrency.ts'
import { hedge, type HedgeStatus } from './resilience/hedge.ts'
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
  readonly policies?: EdgePolicies
}

export interface WayStatus extends BulkheadStatus {
  readonly instances: readonly (EndpointStatus & { readonly breaker: BreakerStatus | undefined })[]
  readonly hedging: HedgeStatus | undefined
}

export interface Way extends RemoteUnit {
  status(): WayStatus
}

interface Peer {
  readonly endpoint: Endpoint
  readonly breaker: Breaker | undefined
  readonly connection: RemoteUnit
}
interface Limits {
  readonly deadline: Deadline
  readonly signal: AbortSignal
}
interface Request {
  readonly name: string
  /** Whether how long it takes tells how fast the instance is. */
  readonly timed: boolean
  send(connection: RemoteUnit, signal: AbortSignal): Promise<unknown>
}

/**
 * The way to the instances of a unit: a call waits for a place, goes to the instance that promises most, and if it is lost on that hop is
 * repeated on another, within attempts, deadline and budget; also, once, if the instance answers that it is
 * leaving. Commands too: their idempotency key lets them be executed once only.
 */
export function wayTo<I extends Instance>({ unit, zone, watch, connect, policies = {} }: WayOptions<I>): Way {
  const outliers = outlierDetector(policies.outliers)
  const { balancer, slowStart, attempts = 3 } = policies
  const endpoints = endpointSet({ outliers, zone, ...(balancer && { balancer }), ...(slowStart && { slowStart }) })
  const budget = new RetryBudget()
  const adaptive = policies.concurrency === false ? undefined : concurrencyLimit(policies.concurrency)
  const most = policies.bulkhead?.limit ?? 1_000
  const places = bulkhead({
    name: unit,
    limit: () => (adaptive ? Math.min(most, adaptive.limit() * Math.max(1, endpoints.all.length)) : most),
    queue: policies.bulkhead?.queue ?? most,
  })
  const hedging = policies.hedging && hedge({ budget, ...policies.hedging })
  const peers = new Map<Endpoint, Peer>()

  const watching = watch((instances) => {
    endpoints.update(instances, performance.now())
    const byId = new Map(instances.map((instance) => [instance.id, instance]))
    for (const endpoint of endpoints.all) {
      if (peers.has(endpoint)) continue
      const guard = policies.breaker === false ? undefined : breaker(policies.breaker)
      peers.set(endpoint, { endpoint, breaker: guard, connection: connect(byId.get(endpoint.instance.id)!) })
    }
    for (const peer of peers.values()) forget(peer)
  })

  function forget({ endpoint, connection }: Peer): void {
    if (endpoint.pending > 0 || endpoints.all.includes(endpoint) || !peers.delete(endpoint)) return
    void connection[Symbol.asyncDispose]()
  }

  /** A peer that takes the call, and the ticket of its breaker. */
  function admit(at: number, name: string, tried: readonly Endpoint[]): { peer: Peer; ticket: number } {
    const refused: Endpoint[] = []
    let reason = ''
    while (refused.length < endpoints.all.length) {
      const avoided = tried.length + refused.length === 0 ? undefined : [...refused, ...tried]
      const picked = endpoints.pick(at, undefined, avoided)
      const endpoint = picked && refused.includes(picked) ? endpoints.all.find((one) => !refused.includes(one)) : picked
      const peer = endpoint && peers.get(endpoint)
      if (!peer) break
      const ticket = peer.breaker ? peer.breaker.begin() : 1
      if (ticket !== REFUSED) return { peer, ticket }
      refused.push(peer.endpoint)
      reason = peer.breaker?.status().reason ?? ''
    }
    const why = refused.length === 0 ? 'no instance of it is known' : `the breakers of all ${refused.length} instances are open (${reason})`
    throw new BanyanError('unavailable', `${name}: unit '${unit}' cannot be called, ${why}`, { executed: 'no' })
  }

  async function attempt(request: Request, signal: AbortSignal, tried: Endpoint[]): Promise<unknown> {
    const began = performance.now()
    const { peer, ticket } = admit(began, request.name, tried)
    tried.push(peer.endpoint)
    peer.endpoint.begin()
    try {
      const value = await request.send(peer.connection, signal)
      record(peer, ticket, began, 'success', request.timed)
      return value
    } catch (error) {
      record(peer, ticket, began, signal.aborted && !BanyanError.is(error, 'deadline_exceeded') ? 'abandoned' : outcomeOf(error), request.timed)
      throw error
    }
  }

  function record(peer: Peer, ticket: number, began: number, outcome: Outcome, timed: boolean): void {
    const { endpoint } = peer
    const at = performance.now()
    const ms = at - began
    peer.breaker?.end(ticket, outcome, at)
    if (timed && outcome !== 'abandoned') adaptive?.record(ms, Math.ceil(places.status().running / Math.max(1, endpoints.all.length)), outcome === 'failure')
    endpoint.end(at, timed ? ms : endpoint.latencyMs, outcome)
    outliers.record(endpoint, outcome, at)
    forget(peer)
  }

  async function repeated(request: Request, limits: Limits, hedged: typeof hedging): Promise<unknown> {
    const tried: Endpoint[] = []
    let maybe = false
    let left = false
    for (let number = 1; ; number++) {
      const before = tried.length
      try {
        if (!hedged) return await attempt(request, limits.signal, tried)
        return await hedged.run((_index, signal) => attempt(request, signal, tried), limits)
      } catch (error) {
        maybe ||= BanyanError.is(error) && error.executed === 'maybe'
        const refused = tried.length === before && endpoints.all.length > 0 // by the breakers: waiting a little does not help
        // once only: what is leaving may stand further on, and then every hop would repeat it
        const leaving: boolean = isLeaving(error) && !left && endpoints.all.some((endpoint) => !tried.includes(endpoint))
        left ||= leaving
        const again =
          (isLost(error) || leaving) && !refused && number < attempts && !limits.signal.aborted && budget.withdraw() && (await backoff(number, limits))
        if (!again) throw withDoubt(error, maybe)
      }
    }
  }

  return {
    async call(operation: AnyOperation, input: unknown, envelope: Envelope) {
      const { signal } = envelope
      const name = `${operation.service}.${operation.name}`
      envelope.deadline.check(name)
      const wait = places.enter(envelope)
      if (wait) await wait
      const began = performance.now()
      budget.deposit(began)
      const send: Request['send'] = (connection, own) => connection.call(operation, input, own === signal ? envelope : envelopeWith(envelope, { signal: own }))
      try {
        return await repeated({ name, timed: true, send }, envelope, operation.kind === 'query' ? hedging : undefined)
      } finally {
        places.leave(performance.now() - began)
      }
    },
    // a feed waits long for news, so it takes no place, is not repeated here, and its time tells nothing
    feed: (service, request, signal) =>
      attempt({ name: `${service}.feed`, timed: false, send: (connection, own) => connection.feed(service, request, own) }, signal, []),
    status: () => ({
      ...places.status(),
      instances: [...peers.values()].map((peer) => ({ ...peer.endpoint.status(), breaker: peer.breaker?.status() })),
      hedging: hedging?.status(),
    }),
    async [Symbol.asyncDispose]() {
      watching[Symbol.dispose]()
      const connections = [...peers.values()].map(({ connection }) => connection[Symbol.asyncDispose]())
      peers.clear()
      endpoints.update([], performance.now())
      await Promise.all(connections)
    },
  }
}
