import { BanyanError } from '../kernel/errors.ts'
import { balancers } from '../network/balance/balancers.ts'
import type { Instance } from '../network/balance/endpoint.ts'
import type { Log } from '../model/context.ts'
import { readyProbe } from '../network/http/ready-probe.ts'
import { Peers, type Attempt as PeerAttempt, type Wish } from '../network/peers.ts'
import type { Outcome } from '../network/resilience/callee-failure.ts'
import { RetryBudget } from '../network/resilience/retry-budget.ts'
import type { TlsOptions } from '../security/tls.ts'
import type { Target, Upstream } from './config.ts'
import { meter, type Meter } from '../observe/meter.ts'
import { ConnectionPool } from './http1/connection-pool.ts'
import { TargetFaults } from './target-faults.ts'
import { reasonsText, statesText, type TargetStatus } from './target-states.ts'
import { UpstreamPlaces } from './upstream-places.ts'

interface TargetInstance extends Instance {
  readonly target: Target
}

/** Connections to one target. */
export interface TargetConnection extends AsyncDisposable {
  /** `http://10.0.0.7:8080` */
  readonly origin: string
  /** What is put before the paths of requests; empty: nothing. */
  readonly prefix: string
  /** What it is trusted by, and shown. */
  readonly tls: TlsOptions
  readonly pool: ConnectionPool
}

export type Attempt = PeerAttempt<TargetConnection>

/** Milliseconds for a connection to be made. */
const CONNECT_MS = 2_000
/** Milliseconds between two parts of an answer, while the client takes them. */
const IDLE_MS = 300_000

/** The way to the targets of an upstream: which one takes the next request, and what is known of each. */
export class UpstreamWay implements AsyncDisposable {
  readonly upstream: Upstream
  readonly meter: Meter = meter()
  readonly budget: RetryBudget = new RetryBudget()
  /** `undefined`: as many requests as come. */
  readonly places: UpstreamPlaces | undefined
  /** As errors name it. */
  readonly #asked: { readonly service: string; readonly name: string }
  readonly #peers: Peers<TargetInstance, TargetConnection>
  readonly #faults: TargetFaults
  #left = false

  private constructor(upstream: Upstream, connect: (target: Target) => TargetConnection, log: Log) {
    this.upstream = upstream
    this.places = upstream.bulkhead && new UpstreamPlaces(upstream.name, upstream.bulkhead)
    this.#faults = new TargetFaults(upstream.name, log)
    this.#asked = { service: 'gateway', name: upstream.name }
    const instances = upstream.targets.map((target, index) => ({ id: `${index + 1} ${target.url}`, weight: target.weight, target }))
    const { health } = upstream
    this.#peers = new Peers<TargetInstance, TargetConnection>({
      unit: upstream.name,
      watch(changed) {
        changed(instances)
        return { [Symbol.dispose]: () => undefined }
      },
      connect: ({ target }) => connect(target),
      ...(health && { probeMs: health.intervalMs, probe: ({ id, target }, signal) => this.#ask(id, target, { path: health.path, signal }) }),
      policies: { balancer: balancers[upstream.balance]() },
    })
  }

  /** Opens no connection yet. */
  static open(upstream: Upstream, log: Log): UpstreamWay {
    const tls = tlsOf(upstream)
    const connect = ({ url }: Target): TargetConnection => {
      const { origin, pathname, hostname } = new URL(url)
      // never what a client has called it
      const servername = upstream.tls?.serverName ?? hostname.replace(/^\[|\]$/g, '')
      const pool = new ConnectionPool({ origin, servername, tls, connectMs: CONNECT_MS, idleMs: IDLE_MS })
      return { origin, prefix: pathname.replace(/\/$/, ''), tls, pool, [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose]() }
    }
    return new UpstreamWay(upstream, connect, log)
  }

  get name(): string {
    return this.upstream.name
  }

  /** The target for a request at `at`, as it is wished. Throws `unavailable` where none can be asked. */
  begin(at: number, wish: Wish): Attempt {
    try {
      return this.#peers.begin(at, this.#asked, wish)
    } catch (cause) {
      throw new BanyanError('unavailable', `upstream '${this.name}' cannot be asked: ${reasonsText(this.status())}`, { executed: 'no', cause })
    }
  }

  /** Takes down that the answer has begun; `release` follows. */
  heard(attempt: Attempt, outcome: Outcome, at: number): void {
    this.#faults.clear(attempt.peer.endpoint.instance.id)
    this.#peers.heard(attempt, outcome, at)
  }

  release(attempt: Attempt, broken: boolean): void {
    this.#peers.release(attempt, broken)
  }

  /** Takes down that no answer came, and why. */
  failed(attempt: Attempt, outcome: Outcome, at: number, why?: unknown): void {
    if (outcome === 'failure' && why !== undefined) this.#faults.note(attempt.peer.endpoint.instance.id, attempt.peer.connection.origin, why)
    this.#peers.end(attempt, outcome, at, true)
  }

  /** What clients are told where it cannot serve: its name and how its targets are, never their addresses. */
  get excuse(): string {
    return `Upstream '${this.name}' gave no answer: ${statesText(this.status())}. Try again in a moment.`
  }

  status(): readonly TargetStatus[] {
    return this.#peers.status().map((status) => ({ ...status, fault: this.#faults.of(status.instance) }))
  }

  async #ask(id: string, { url }: Target, how: { readonly path: string; readonly signal: AbortSignal }): Promise<boolean> {
    const { origin } = new URL(url)
    try {
      const well = await readyProbe(origin, { ...how, tls: tlsOf(this.upstream), servername: this.upstream.tls?.serverName })
      if (well) this.#faults.clear(id)
      return well
    } catch (error) {
      if (!this.#left) this.#faults.note(id, origin, how.signal.aborted ? new Error(`its health check ${how.path} was not answered in time`) : error)
      throw error
    }
  }

  /** Lets go of the connections once what is under way has ended. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#left = true
    return this.#peers[Symbol.asyncDispose]()
  }
}

function tlsOf({ tls }: Upstream): TlsOptions {
  return { ...(tls?.authorities && { ca: tls.authorities.ca }), ...(tls?.pair && { cert: tls.pair.cert, key: tls.pair.key }) }
}

/** What an answer tells of a target: only what says that it cannot serve is a failure; a 500 is about one request. */
export function outcomeOfStatus(status: number): Outcome {
  return status === 502 || status === 503 || status === 504 ? 'failure' : 'success'
}

/** What a failed attempt tells of it. */
export function outcomeOfFailure(error: BanyanError): Outcome {
  return error.code === 'cancelled' || error.code === 'malformed_request' || error.code === 'payload_too_large' || error.code === 'internal'
    ? 'abandoned'
    : 'failure'
}
