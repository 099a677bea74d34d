import type { RecordedEvent } from './event.ts'

/**
 * An event as a consumer gets it. In the feed that a service gives to others, `type`, `schema` and `data` are those of its contract's
 * event; `stream` is the key that it is ordered by.
 */
export type FeedEvent = RecordedEvent

/** Partition → position. */
export type Positions = ReadonlyMap<number, number>

export interface FeedRequest {
  /** The partitions to read, each after this position; 0 is the beginning. */
  readonly positions: Positions
  /** The log that the positions belong to; omitted by a consumer that has read nothing yet. */
  readonly incarnation?: string
  /** Only events of these types; omitted: all. */
  readonly types?: readonly string[]
  /** Credits: how many events the consumer has room for; at least 1. */
  readonly limit: number
  /** How long, in milliseconds, the answer may be held back while there is nothing to tell; 0 answers at once. */
  readonly waitMs: number
  /** Gives up the wait; what is then answered, or thrown, is of no interest. */
  readonly signal?: AbortSignal
}

export interface FeedPage {
  readonly incarnation: string
  /** At most `limit`; in order within a partition, in no promised order between partitions. */
  readonly events: readonly FeedEvent[]
  /** For each partition asked for: everything up to here is in this page or was filtered out. Never behind the request. */
  readonly upTo: Positions
  /** For each partition asked for: the last position of the log, as known when the page was read. */
  readonly heads: Positions
}

/**
 * Through which a consumer reads the log of a service, its own or another's; a function call in process, a request or a broker across
 * processes.
 *
 * Guarantees: every event after a position is given, at least once, and in order within its partition; an event is given only once all
 * before it in its partition are committed. Nothing is promised between partitions. The feed keeps no state about its consumers: what
 * was read is what the consumer says it was.
 *
 * Throws `log_rewound` when the positions belong to another incarnation of the log, or lie beyond what it has given; `unavailable` when
 * the service cannot be reached.
 */
export interface Feed {
  read(request: FeedRequest): Promise<FeedPage>
}
