import type { Instance } from '../network/discovery/registry.ts'
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
}
