import type { Instance } from './balance/endpoint.ts'
import type { EdgePolicies } from './edge-policies.ts'
import type { RemoteUnit } from './http/client.ts'

export interface WayOptions<I extends Instance> {
  readonly unit: string
  /** Where this process is; nearer instances are preferred. */
  readonly zone?: string | undefined
  /** Tells the instances now and whenever they change, until disposed of. */
  watch(changed: (instances: readonly I[]) => void): Disposable
  /** A connection to one instance, without repeats of its own. Disposed of once the instance is gone and its calls have ended. */
  connect(instance: I): RemoteUnit
  /** Whether an instance says that it is ready; rejects where it says nothing. Without it no health is checked. */
  probe?(instance: I, signal: AbortSignal): Promise<boolean>
  readonly policies?: EdgePolicies
}
