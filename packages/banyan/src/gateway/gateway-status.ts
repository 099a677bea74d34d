import type { PeerStatus } from '../network/way-status.ts'
import type { MeterStatus } from '../observe/meter.ts'
import type { OpenRoutes } from './open-routes.ts'

export interface RouteStatus extends MeterStatus {
  readonly to: string
  /** The kinds of its policies, in order. */
  readonly policies: readonly string[]
}

export interface UpstreamStatus extends MeterStatus {
  /** Repeats that the budget allows now. */
  readonly retriesLeft: number
  /** Health, latency, breaker and calls of each. */
  readonly targets: readonly PeerStatus[]
}

/** How a gateway stands; counts are since the start. */
export interface GatewayStatus {
  readonly routes: Readonly<Record<string, RouteStatus>>
  readonly upstreams: Readonly<Record<string, UpstreamStatus>>
}

export function gatewayStatus({ routes, ways }: OpenRoutes): GatewayStatus {
  return {
    routes: Object.fromEntries(
      routes.map(({ route, meter }) => [route.name, { to: route.to, policies: route.policies.map(({ kind }) => kind), ...meter.status() }]),
    ),
    upstreams: Object.fromEntries([...ways].map(([name, way]) => [name, { ...way.meter.status(), retriesLeft: way.budget.left(), targets: way.status() }])),
  }
}
