import type { RecordedEvent } from './event.ts'
import type { FeedEvent, Positions } from './feed.ts'

/** What the outside sees of an event. */
export type PublicEvent = Pick<FeedEvent, 'type' | 'schema' | 'data'>

export interface PublisherOptions {
  /**
   * Turns a recorded event into the public one, or hides it; omitted: events are given as recorded, which is for the service itself. Where
   * it throws, the partition ends there for the consumers, the others flow on; nothing is skipped.
   */
  readonly publish?: (event: RecordedEvent) => PublicEvent | undefined
  /** The recorded types that a public type may come from, so that the database filters; omitted: all are read and mapped. */
  readonly recorded?: (type: string) => readonly string[]
  /** Told, once for each, of events that `publish` throws for. */
  readonly unpublished?: (event: RecordedEvent, error: unknown) => void
}

/** The mapping of a log's events to those of its service's contract. */
export class Publisher {
  readonly #options: PublisherOptions
  /** Partition → id of the event that it is known to end at. */
  readonly #told = new Map<number, string>()

  constructor(options: PublisherOptions) {
    this.#options = options
  }

  /** The recorded types to read for public ones. */
  recorded(types: readonly string[] | undefined): readonly string[] | undefined {
    const { publish, recorded } = this.#options
    if (types === undefined || !publish) return types
    return recorded && [...new Set(types.flatMap((type) => recorded(type)))]
  }

  /** Public events, and for each partition that ends early the position it ends at: 0 when that is its first event. */
  publish(recorded: readonly RecordedEvent[], types: readonly string[] | undefined): { readonly events: readonly FeedEvent[]; readonly stuck: Positions } {
    const { publish } = this.#options
    const stuck = new Map<number, number>()
    if (!publish) return { events: recorded, stuck }
    const reached = new Map<number, number>()
    const events = recorded.flatMap((event) => {
      if (stuck.has(event.partition)) return []
      try {
        const seen = publish(event)
        reached.set(event.partition, event.position)
        return seen && (types === undefined || types.includes(seen.type)) ? [{ ...event, ...seen }] : []
      } catch (error) {
        stuck.set(event.partition, reached.get(event.partition) ?? 0)
        this.#tell(event, error)
        return []
      }
    })
    return { events, stuck }
  }

  #tell(event: RecordedEvent, error: unknown): void {
    if (this.#told.get(event.partition) === event.id) return
    this.#told.set(event.partition, event.id)
    this.#options.unpublished?.(event, error)
  }
}
