import type { Access } from './access.ts'
import type { AnyAggregate } from './aggregate.ts'
import type { CachePolicy, Invalidation } from './cache.ts'
import type { Uses } from './call.ts'
import type { AnyContract } from './contract.ts'
import type { Limits } from './limit.ts'
import type { Awaitable } from './schema.ts'
import type { AnyEvent } from './event.ts'
import type { Env } from './setting.ts'

/** A service's database. */
export interface Store<Tables = unknown> {
  readonly kind: 'postgres'
  /** Directory of `0001_name.sql` files, or undefined where the service has no tables of its own. */
  readonly migrations: string | undefined
  /** How the rows of tenants are kept apart; by nothing unless said. */
  readonly tenants?: 'row-level-security' | undefined
  readonly '~tables': Tables
}

/** What is known of a private event when it is turned into a public one. */
export interface Published {
  readonly aggregate: AnyAggregate
  readonly event: string
  readonly map: ((data: never, about: { readonly id: string; readonly version: number; readonly at: Date }) => unknown) | undefined
}
export interface Reaction {
  readonly kind: 'reaction'
  readonly event: AnyEvent
  /** Reactions of one subscription to one source share a checkpoint and keep the order of their keys. */
  readonly subscription: string
  readonly react: (data: never, context: never) => Awaitable<unknown>
}
/** One event applied by a projection; a reaction, which may call and send, cannot stand in for it. */
export interface Apply {
  readonly kind: 'apply'
  readonly event: AnyEvent
  /** All such events of a transaction are applied together. */
  readonly many?: true
  readonly apply: (data: never, context: never) => Awaitable<unknown>
}
export interface Projection {
  readonly kind: 'projection'
  readonly name: string
  readonly version: number
  readonly on: readonly Apply[]
}
export interface Policy extends Limits<never> {
  readonly access?: Access<never, never>
  /** Rules by the path of what they keep back: `lines[].price`. */
  readonly redact?: Readonly<Record<string, Access<never, never>>>
  readonly cache?: CachePolicy
}

/** A service as the runtime takes it, whatever its types. */
export interface ServiceFacts {
  readonly contract: AnyContract
  readonly uses: Uses
  readonly store: Store
  readonly secrets: readonly Env[]
  readonly handlers: Readonly<Record<string, (input: never, context: never) => unknown>>
  readonly publishes: Readonly<Record<string, Published>>
  readonly reactions: readonly Reaction[]
  readonly projections: readonly Projection[]
  readonly invalidations: readonly Invalidation[]
  readonly policies: Readonly<Record<string, Policy>>
}

/** An implemented contract. */
export interface Service<C> {
  readonly kind: 'service'
  readonly contract: C
  readonly facts: ServiceFacts
}
