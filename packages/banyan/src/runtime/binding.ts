import type { Feed } from '../events/feed.ts'
import type { AnyOperation } from '../model/operation.ts'
import type { Envelope } from '../network/envelope.ts'

/**
 * Where an operation is executed: in this process, or in another unit. Same results and same errors either way; what it tells a service
 * is marked as another's error.
 */
export interface Binding {
  /** A promise, or what is answered at once. */
  invoke(operation: AnyOperation, input: unknown, envelope: Envelope): unknown
}

/** Answers the binding of a service, by name. */
export type Bindings = (service: string) => Binding

/** How a service is reached. */
export interface Reached {
  readonly binding: Binding
  readonly feed: Feed
}

/** Leads callers in this process to one of its services by another way than a function call. */
export type Detour = (service: string, reached: Reached) => Reached
