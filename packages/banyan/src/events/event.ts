/** How many partitions a log has. Fixed for the life of a log: the partition of a stream is a hash of its name. */
export const PARTITIONS = 64

/** What goes with every event about its origin. */
export interface EventMeta {
  /** The first cause: id of the command or event that began the chain. */
  readonly correlation: string
  /** The nearest recorded cause: the id of the event that led to this one, or the key of the command that began the chain. */
  readonly causation: string
  readonly causedBy: 'command' | 'event'
  /** What wrote it: `orders.place`, or `orders reactions` for a subscription. */
  readonly by: string
  /** Who it was done for: the subject of the identity. */
  readonly actor: string
  /** W3C trace context of the writer. */
  readonly traceparent?: string
}

/** An event as the log has it. */
export interface RecordedEvent {
  readonly id: string
  /** `category/id`, for example `order/0192…`. Events emitted without an aggregate have the category `@`. */
  readonly stream: string
  /** 1 for the first event of its stream, then without gaps. */
  readonly version: number
  readonly partition: number
  /** Order within the partition; grows, with gaps. Nothing is promised between partitions. */
  readonly position: number
  readonly type: string
  /** Version of the event's schema it was written with. */
  readonly schema: number
  readonly tenant: string
  readonly data: unknown
  readonly meta: EventMeta
  readonly at: Date
}

/** An event on its way into the log; `data` and `meta` are JSON text already, so that a bad value fails before the database sees it. */
export interface NewEvent {
  readonly id: string
  readonly type: string
  readonly schema: number
  readonly data: string
  readonly meta: string
}

/** `order` of `order/0192…`. */
export function categoryOf(stream: string): string {
  const slash = stream.indexOf('/')
  return slash === -1 ? stream : stream.slice(0, slash)
}
