import type { FeedEvent } from './feed.ts'
import type { CheckpointAdvance } from './unit.ts'

/** `'committed'`: the checkpoint moved together with the effects. `'ignored'`: there were none, the checkpoint may be moved later. */
export type Handled = 'committed' | 'ignored'

export interface Attempt {
  /** 1 for the first. */
  readonly attempt: number
  /** Aborts when the lease is lost or the time to drain is over; a commit after that would be refused. */
  readonly signal: AbortSignal
}

/**
 * What a subscription does with events. It gets those of a partition in order, each at least once: whoever commits effects commits the
 * advance in the same transaction (`advanceWithin`, or the `checkpoint` of a unit) and so has each effect exactly once.
 *
 * An error that is retryable (`BanyanError.retryable`, or the database's) is retried for ever; any other is retried a few times and
 * then parks the event's key. `lease_lost` gives the partition back without a word; `newer_event` parks the key at once.
 */
export type SubscriptionHandler =
  /**
   * Many events per transaction, of several partitions one after the other: for projections. After a failure it gets those of each
   * partition alone, then one by one, so that only the poisonous one is parked.
   */
  | { readonly kind: 'batch'; handle(events: readonly FeedEvent[], advances: readonly CheckpointAdvance[], about: Attempt): Promise<Handled> }
  /** One event at a time per partition: for reactions. */
  | { readonly kind: 'each'; handle(event: FeedEvent, advance: CheckpointAdvance, about: Attempt): Promise<Handled> }

export function handle(handler: SubscriptionHandler, events: readonly FeedEvent[], advance: CheckpointAdvance, about: Attempt): Promise<Handled> {
  return handler.kind === 'batch' ? handler.handle(events, [advance], about) : handler.handle(events[0]!, advance, about)
}
