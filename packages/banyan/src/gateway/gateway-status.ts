import type { OutcomeStatus } from '../network/http/outcome-meter.ts'
import type { MeterStatus } from '../observe/meter.ts'
import type { ServedCertificate } from '../security/server-certificates.ts'
import type { SharedStatus } from './commons.ts'
import type { PlacesStatus } from './upstream-places.ts'
import type { TargetStatus } from './target-states.ts'
import type { UpstreamWay } from './upstream-way.ts'
import type { OpenRoutes } from './open-routes.ts'

export interface RouteStatus extends OutcomeStatus {
  readonly to: string
  /** The kinds of its policies, in order. */
  readonly policies: readonly string[]
}

export interface UpstreamStatus extends MeterStatus {
  /** Requests under way and waiting, and those that got no place; `undefined`: as many as come. */
  readonly bulkhead: PlacesStatus | undefined
  /** Repeats that the budget allows now. */
  readonly retriesLeft: number
  /** Health, latency, breaker and calls of each, and why it gave no answer last. */
  readonly targets: readonly TargetStatus[]
}

/** How a gateway stands; counts are since the start. */
export interface GatewayStatus {
  readonly routes: Readonly<Record<string, RouteStatus>>
  readonly upstreams: Readonly<Record<string, UpstreamStatus>>
  /** The Redis that limits are counted in, and the one by which purges are passed on; absent where this gateway shares nothing. */
  readonly shared?: { readonly limits?: SharedStatus; readonly purges?: SharedStatus }
  /** What is shown over TLS, in the order of the file; absent where that is none of its certificates. */
  readonly certificates?: readonly CertificateStatus[]
}

export interface CertificateStatus {
  /** Its file. */
  readonly certificate: string
  readonly names: readonly string[]
  /** ISO 8601. */
  readonly expires: string
  /** Why it is still shown, though its files hold something else now. */
  readonly fault?: string
}

interface Described extends OpenRoutes {
  readonly shared: NonNullable<GatewayStatus['shared']>
  readonly certificates: readonly ServedCertificate[]
}

export function gatewayStatus({ routes, ways, shared, certificates }: Described): GatewayStatus {
  return {
    routes: Object.fromEntries(
      routes.map(({ route, meter }) => [route.name, { to: route.to, policies: route.policies.map(({ kind }) => kind), ...meter.status() }]),
    ),
    ...(shared.limits || shared.purges ? { shared } : {}),
    ...(certificates.length > 0 ? { certificates: certificates.map(certificateStatus) } : {}),
    upstreams: Object.fromEntries([...ways].map(([name, way]) => [name, statusOf(way)])),
  }
}

function certificateStatus({ pair, names, ...fault }: ServedCertificate): CertificateStatus {
  return { certificate: pair.sources.certificate, names, expires: pair.expires.toISOString(), ...fault }
}

function statusOf(way: UpstreamWay): UpstreamStatus {
  return { ...way.meter.status(), bulkhead: way.places?.status(), retriesLeft: way.budget.left(), targets: way.status() }
}
