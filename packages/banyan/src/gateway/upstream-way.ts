import { isIP } from 'node:net'
import type { buildConnector, Pool } from 'undici'
import type { BanyanError } from '../kernel/errors.ts'
import { balancers } from '../network/balance/balancers.ts'
import type { Instance } from '../network/balance/endpoint.ts'
import { readyProbe } from '../network/http/ready-probe.ts'
import { Peers, type Attempt as PeerAttempt, type Wish } from '../network/peers.ts'
import type { Outcome } from '../network/resilience/callee-failure.ts'
import { RetryBudget } from '../network/resilience/retry-budget.ts'
import type { PeerStatus } from '../network/way-status.ts'
import type { Target, Upstream } from './config.ts'
import { meter, type Meter } from '../observe/meter.ts'

interface TargetInstance extends Instance {
  readonly target: Target
}

/** Connections to one target. */
export interface TargetConnection extends AsyncDisposable {
  /** `http://10.0.0.7:8080` */
  readonly origin: string
  /** What is put before the paths of requests; empty: nothing. */
  readonly prefix: string
  /** What its certificate must be for: never what a client has called it. `undefined`: it speaks no TLS. */
  readonly servername: string | undefined
  readonly pool: Pool
}

export type Attempt = PeerAttempt<TargetConnection>

/** Names the authorities that are trusted of upstreams besides the system's: units of the app have their own. */
export const UPSTREAM_AUTHORITIES = 'NODE_EXTRA_CA_CERTS'
/** Milliseconds for a connection to be made. */
const CONNECT_MS = 2_000
/** Milliseconds between two parts of an answer, while the client takes them. */
const IDLE_MS = 300_000

/** The way to the targets of an upstream: which one takes the next request, and what is known of each. */
export class UpstreamWay implements AsyncDisposable {
  readonly upstream: Upstream
  readonly meter: Meter = meter()
  readonly budget: RetryBudget = new RetryBudget()
  /** As errors name it. */
  readonly #asked: { readonly service: string; readonly name: string }
  readonly #peers: Peers<TargetInstance, TargetConnection>

  private constructor(upstream: Upstream, connect: (target: Target) => TargetConnection) {
    this.upstream = upstream
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
      ...(health && { probeMs: health.intervalMs, probe: ({ target }, signal) => readyProbe(new URL(target.url).origin, { path: health.path, signal }) }),
      policies: { balancer: balancers[upstream.balance]() },
    })
  }

  /** Opens no connection yet. */
  static async open(upstream: Upstream): Promise<UpstreamWay> {
    const { buildConnector, Pool } = await import('undici')
    return new UpstreamWay(upstream, ({ url }) => {
      const { origin, pathname, protocol, hostname } = new URL(url)
      const connect = withoutAddressNames(buildConnector({ timeout: CONNECT_MS }))
      const pool = new Pool(origin, { pipelining: 1, headersTimeout: upstream.timeoutMs, bodyTimeout: IDLE_MS, connect })
      const servername = protocol === 'https:' ? hostname.replace(/^\[|\]$/g, '') : undefined
      return { origin, prefix: pathname.replace(/\/$/, ''), servername, pool, [Symbol.asyncDispose]: () => pool.close() }
    })
  }

  get name(): string {
    return this.upstream.name
  }

  /** The target for a request at `at`, as it is wished. Throws `unavailable` where none can be asked. */
  begin(at: number, wish: Wish): Attempt {
    return this.#peers.begin(at, this.#asked, wish)
  }

  /** Takes down that the answer has begun; `release` follows. */
  heard(attempt: Attempt, outcome: Outcome, at: number): void {
    this.#peers.heard(attempt, outcome, at)
  }

  release(attempt: Attempt, broken: boolean): void {
    this.#peers.release(attempt, broken)
  }

  /** Takes down that no answer came. */
  failed(attempt: Attempt, outcome: Outcome, at: number): void {
    this.#peers.end(attempt, outcome, at, true)
  }

  status(): readonly PeerStatus[] {
    return this.#peers.status()
  }

  /** Lets go of the connections once what is under way has ended. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#peers[Symbol.asyncDispose]()
  }
}

/** An address is no server name (RFC 6066 §3): without one the certificate is held against the address itself. */
function withoutAddressNames(connect: buildConnector.connector): buildConnector.connector {
  return (options, done) => connect(isIP(options.servername ?? '') === 0 ? options : { ...options, servername: '' }, done)
}

/** What an answer tells of a target: only what says that it cannot serve is a failure; a 500 is about one request. */
export function outcomeOfStatus(status: number): Outcome {
  return status === 502 || status === 503 || status === 504 ? 'failure' : 'success'
}

/** What a failed attempt tells of it. */
export function outcomeOfFailure(error: BanyanError): Outcome {
  return error.code === 'cancelled' || error.code === 'malformed_request' || error.code === 'payload_too_large' ? 'abandoned' : 'failure'
}
