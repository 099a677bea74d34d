import type { NewEvent } from './event.ts'

/** What a stream must look like for an append to be right: an exact version (0: no event yet), or one of these. */
export type Expected = number | 'any' | 'exists' | 'absent'

/** Events for one stream, or none where only the version is asserted. */
export interface StreamAppend {
  readonly stream: string
  readonly expected: Expected
  /**
   * The id of the event that an exact `expected` counts as the last one. With it the stream must not only be as long as it was when the
   * decision was made but be the same: another history of that length (another writer's after ours failed, a restored log) is a conflict.
   */
  readonly last?: string
  readonly events: readonly NewEvent[]
}

/** That a command was executed, and with what result; committed with its effects. */
export interface KeyRecord {
  readonly key: string
  readonly operation: string
  readonly tenant: string
  readonly subject: string
  /** Hash of the input: the same key with another input is refused. `NOT_KEPT` for a secret command. */
  readonly input: string
  /** JSON text of the result, which for a secret command is empty. */
  readonly result: string
}

/** A command to another service, to be delivered until it is executed. */
export interface Send {
  readonly id: string
  readonly service: string
  readonly operation: string
  /** JSON text of the input. */
  readonly input: string
  /** JSON text of what goes with it: identity, correlation, trace. */
  readonly context: string
  /** When it is to be delivered, at the earliest; at once unless said. */
  readonly due?: Due
}

/** A time by the database's clock: so many milliseconds after the commit, or a moment. */
export type Due = { readonly afterMs: number } | { readonly at: Date }

/** That a subscription has dealt with everything up to `position`; holds only while the lease has this epoch and the checkpoint is behind. */
export interface CheckpointAdvance {
  readonly subscription: string
  /** The service whose log is read. */
  readonly source: string
  readonly partition: number
  readonly epoch: number
  readonly position: number
}

/** What one transaction adds to a service's log and work, all of it or nothing. */
export interface Unit {
  readonly tenant: string
  /** Each stream at most once. */
  readonly streams: readonly StreamAppend[]
  readonly sends: readonly Send[]
  readonly key?: KeyRecord
  readonly checkpoint?: CheckpointAdvance
}

/** Where a partition of the log ended when a unit was committed: what a reader must have seen to see the unit. */
export interface WrittenPosition {
  readonly partition: number
  readonly position: number
}

/** What became of a unit. Anything but `committed` changed nothing. */
export type Outcome =
  | {
      readonly kind: 'committed'
      /** The version of each stream of the unit after it. */
      readonly versions: readonly number[]
      /** The last position of the unit in each partition it added events to. */
      readonly positions: readonly WrittenPosition[]
    }
  | { readonly kind: 'conflict'; readonly stream: string; readonly expected: Expected; readonly actual: number }
  /** The key is known already: the recorded input hash and result JSON text. */
  | { readonly kind: 'duplicate'; readonly input: string; readonly result: string }
  /** Another epoch holds the partition, or its checkpoint is at this position already. */
  | { readonly kind: 'lease_lost' }
