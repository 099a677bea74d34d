import type { DeprecationFacts } from '../../network/http/deprecation-headers.ts'

type Node = Readonly<Record<string, unknown>>

/** What a policy means to clients, for OpenAPI. */
export interface PolicyDescription {
  /** What a client has to send to be let in; `optional`: it may leave it out. */
  readonly security?: { readonly name: string; readonly scheme: Node; readonly scopes: readonly string[]; readonly who: string; readonly optional?: boolean }
  /** The statuses that it answers itself, and when. */
  readonly answers?: Readonly<Record<number, string>>
  /** Whether nothing behind it is asked. */
  readonly ends?: boolean
  /** Headers and query parameters that it reads, as OpenAPI has them. */
  readonly parameters?: readonly Node[]
  /** That what it leads to should not be used any more. */
  readonly deprecated?: DeprecationFacts
  /** The pattern of the paths that it sends on, where it changes them. */
  readonly path?: string
}

/** Where a policy stands. */
export interface DescribedRoute {
  /** The pattern of the route. */
  readonly route: string
  /** The pattern of what reaches the policy: the route's, or what policies before it have made of that. */
  readonly path: string
}
