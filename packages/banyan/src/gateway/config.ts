import type { BalancerName } from '../model/edge.ts'
import type { Authorities, KeyPair } from '../security/key-pair.ts'
import type { ServedTls } from '../security/server-certificates.ts'

/** What a gateway file says, with its short forms spelt out and everything checked. Durations are milliseconds, sizes bytes. */
export interface GatewayConfig {
  readonly upstreams: Readonly<Record<string, Upstream>>
  /** In the order of the file, which decides where two match equally well. */
  readonly routes: readonly Route[]
  /** What those who ask are shown over TLS; `undefined`: the file says nothing of it. */
  readonly tls?: ServedTls | undefined
  /** What gateways that name the same have together: counts of limits, and purges of their caches. `undefined`: nothing is said. */
  readonly redis?: RedisConfig | undefined
}

/** A Redis, and what keys begin with there. */
export interface RedisConfig {
  readonly url: string
  readonly prefix: string
}

/** Servers that answer alike. */
export interface Upstream {
  readonly name: string
  readonly targets: readonly Target[]
  readonly balance: BalancerName
  /** Asked of each target; `undefined`: targets are judged by what they answer alone. */
  readonly health: { readonly path: string; readonly intervalMs: number } | undefined
  /** From the first byte sent to the first byte of the answer. */
  readonly timeoutMs: number
  readonly attempts: number
  /** Whether the upstream is told the host that the client asked for, or its own. */
  readonly host: 'keep' | 'target'
  readonly tls?: UpstreamTls | undefined
  /** `undefined`: as many requests as come. */
  readonly bulkhead?: UpstreamBulkhead | undefined
  /** What it says of itself, and the file that this was read from. */
  readonly openapi?: { readonly path: string; readonly document: Readonly<Record<string, unknown>> } | undefined
}

export interface UpstreamTls {
  /** The system's unless said. */
  readonly authorities: Authorities | undefined
  /** What targets are shown; nothing unless said. */
  readonly pair: KeyPair | undefined
  /** What targets are asked for, and what their certificates must be for; their own hosts unless said. */
  readonly serverName: string | undefined
}

/** Requests under way at once, those that may wait for a place, and for how long. */
export interface UpstreamBulkhead {
  readonly limit: number
  readonly queue: number
  readonly waitMs: number
}

export interface Target {
  /** `http://10.0.0.7:8080`, or with a path that is put before that of requests. */
  readonly url: string
  readonly weight: number
}

export interface Route {
  /** For metrics, the access log and messages; unique. */
  readonly name: string
  readonly match: RouteMatch
  /** The name of an upstream. */
  readonly to: string
  /** In the order in which requests pass them. */
  readonly policies: readonly PolicyConfig[]
}

/** All that is said must hold. */
export interface RouteMatch {
  /** `/articles/:id`, `/files/*` for anything below. */
  readonly path: string
  /** `api.example.com`, `*.example.com`. */
  readonly hosts: readonly string[]
  readonly methods: readonly string[]
  readonly headers: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string>>
}

/** One policy of a route: its kind and what the file says of it, in the form that the kind's schema has. */
export interface PolicyConfig {
  readonly kind: string
  readonly settings: unknown
  /** Where it stands in the file, for messages about it. */
  readonly line: number
}
