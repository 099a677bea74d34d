import type { EdgeRequest } from '../exchange.ts'
import type { CacheControl } from './cache-control.ts'
import type { Forwarded } from './cache-status.ts'
import type { Next } from './origin.ts'
import type { ResourceKey, StoredAnswer } from './stored-answer.ts'

/** A request that no stored answer may be served to as it is. */
export interface Question {
  readonly request: EdgeRequest
  readonly key: ResourceKey
  readonly control: CacheControl
  readonly next: Next
  /** To be validated. */
  readonly stored: StoredAnswer | undefined
  /** Whether the stored answer may be served when the origin fails. */
  readonly insteadOfError: boolean
  readonly fwd: Forwarded
}
