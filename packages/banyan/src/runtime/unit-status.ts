import type { CacheStatistics } from '../cache/statistics.ts'
import type { GatewayStatus } from '../gateway/gateway-status.ts'
import type { Instance } from '../network/discovery/registry.ts'
import type { OutcomeStatus } from '../network/http/outcome-meter.ts'
import type { WayStatus } from '../network/way-status.ts'

/** What a unit tells operators of itself, under its peer token. */
export interface UnitStatus {
  readonly unit: string
  /** As the registry knows it; absent where it announces nothing. */
  readonly instance: Instance | undefined
  readonly pid: number
  readonly state: 'starting' | 'ready' | 'leaving'
  /** Milliseconds since the process started. */
  readonly upMs: number
  /** Requests being answered. */
  readonly inFlight: number
  /** Its ways to the other units, by unit. */
  readonly ways: Readonly<Record<string, WayStatus>>
  /** Absent where the unit is of a version before this was told. */
  readonly cache?: CacheStatus
  /** How operations fare with requests from outside that came to this unit, by name, such as `orders.place`; only those asked for. */
  readonly operations?: Readonly<Record<string, OutcomeStatus>>
  /** Its routes to foreign servers; absent where the app has no gateway file. */
  readonly gateway?: GatewayStatus | undefined
}

/** How the cache of a process fares. */
export interface CacheStatus {
  readonly memory: { readonly entries: number; readonly bytes: number; readonly evictions: number }
  /** `undefined` where there is no Redis. */
  readonly redis: 'healthy' | 'away' | undefined
  /** By operation, such as `catalog.product`; what a service caches by hand is `catalog by hand`. Only what was asked for. */
  readonly of: Readonly<Record<string, CacheStatistics>>
}
