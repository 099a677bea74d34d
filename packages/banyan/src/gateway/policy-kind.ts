import type { LimitStore } from '../limits/stores.ts'
import type { Policy } from './exchange.ts'
import type { DescribedRoute, PolicyDescription } from './openapi/policy-description.ts'
import type { HttpCache } from './http-cache/http-cache.ts'
import type { SharedLimits } from './shared-limits.ts'

/** A kind of policy that a gateway file can name. */
export interface PolicyKind<Settings = never> {
  /** As the file names it: `limit`. */
  readonly name: string
  /** The JSON Schema (2020-12) of its settings, with a description for each, which editors show. */
  readonly schema: object
  /** Made once for each route that names it, whenever a file is loaded. Throws `invalid_configuration` for what the schema cannot say. */
  open(settings: Settings, parts: GatewayParts): Policy
  /** Makes several that stand in a row on a route into one, where that is more than one after the other. */
  openRow?(row: readonly Settings[], parts: GatewayParts): Policy
  /** What it means to clients, for OpenAPI; nothing unless said. */
  describe?(settings: Settings, at: DescribedRoute): PolicyDescription
}

/** What policies may use of the process they run in. */
export interface GatewayParts {
  /** The directory of the file, for paths in it. */
  readonly directory: string
  /** What routes keep of answers; one of its own for each policy unless said. */
  readonly cache?: HttpCache
  /** Where this process counts limits for itself; each by itself unless said. */
  readonly limits?: LimitStore
  /** Where several processes count limits together; `undefined`: nowhere. */
  readonly shared?: SharedLimits | undefined
}
