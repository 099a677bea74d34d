import type { BalancerName } from '../model/edge.ts'

/** What a gateway file says, with its short forms spelt out and everything checked. Durations are milliseconds, sizes bytes. */
export interface GatewayConfig {
  readonly upstreams: Readonly<Record<string, Upstream>>
  /** In the order of the file, which decides where two match equally well. */
  readonly routes: readonly Route[]
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
  /** What it says of itself, and the file that this was read from. */
  readonly openapi?: { readonly path: string; readonly document: Readonly<Record<string, unknown>> } | undefined
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
