import { PARTITIONS } from '../events/event.ts'
import type { Feed, FeedEvent } from '../events/feed.ts'
import { Slots } from '../events/slots.ts'
import { BanyanError } from '../kernel/errors.ts'
import type { Listening } from './listen.ts'
import type { ProjectionBatches } from './projections.ts'

/** Events of one transaction. */
const BATCH = 500

/** Partition → position, for each log. */
export type LogPositions = ReadonlyMap<string, ReadonlyMap<number, number>>

/** A projection's reading of one log. */
export interface ReplaySource {
  readonly listening: Listening
  readonly feed: Feed
  readonly batches: ProjectionBatches
}

export interface ReplayOptions {
  /** Only events up to this millisecond. */
  readonly until: Date | undefined
  /** Ids of events to leave out. */
  readonly without: ReadonlySet<string>
  readonly applied: (count: number) => void
  readonly signal: AbortSignal
  /** So many partitions are read side by side. */
  readonly lanes: number
}

/** What a replay met. */
export interface Replayed {
  /** Events of the types that the projection listens to. */
  readonly applied: number
  /** Those left out because they happened after `until`. */
  readonly later: number
}

/**
 * Runs a projection's functions over logs, from after some positions up to others, in order within each partition. Many are
 * read ahead, and applied one transaction after the other, as a running projection does. Throws
 * `invalid_event` that names the event whose function fails.
 */
export async function replayLogs(sources: readonly ReplaySource[], from: LogPositions, to: LogPositions, options: ReplayOptions): Promise<Replayed> {
  const work = Array.from({ length: PARTITIONS }, (_, partition) => partition).flatMap((partition) =>
    sources.flatMap((source) => {
      const { source: log } = source.listening
      const [after, upTo] = [from.get(log)?.get(partition) ?? 0, to.get(log)?.get(partition) ?? 0]
      return upTo > after ? [{ source, partition, after, upTo }] : []
    }),
  )
  const total = { applied: 0, later: 0 }
  const turn = new Slots(1)
  const lane = async (): Promise<void> => {
    for (let next = work.shift(); next && !options.signal.aborted; next = work.shift()) {
      const { applied, later } = await replayPartition(next, turn, options)
      total.applied += applied
      total.later += later
    }
  }
  const lanes = await Promise.allSettled(Array.from({ length: options.lanes }, () => lane().catch((error: unknown) => (work.splice(0), Promise.reject(error)))))
  const failed = lanes.find((result) => result.status === 'rejected')
  if (failed) throw failed.reason
  return total
}

interface Part {
  readonly source: ReplaySource
  readonly partition: number
  readonly after: number
  readonly upTo: number
}

async function replayPartition({ source: { feed, listening, batches }, partition, after, upTo }: Part, turn: Slots, options: ReplayOptions): Promise<Replayed> {
  const { until, without, signal } = options
  const end = until && until.getTime()
  let [applied, later] = [0, 0]
  for (let position = after; position < upTo && !signal.aborted;) {
    const page = await feed.read({ positions: new Map([[partition, position]]), types: listening.types, limit: BATCH, waitMs: 0 })
    const reached = page.upTo.get(partition)!
    // a log that gives nothing more although its end is further on cannot publish an event
    if (reached === position)
      throw new BanyanError(
        'invalid_event',
        `the log of ${listening.source} ends at position ${position} of partition ${partition} for its readers, before ${upTo}`,
      )
    position = reached
    const events = page.events.filter((event) => event.position <= upTo && !without.has(event.id))
    const wanted = events.filter((event) => end === undefined || event.at.getTime() <= end)
    later += events.length - wanted.length
    applied += await turn.run(() => apply(batches, wanted))
    options.applied(events.length)
  }
  return { applied, later }
}

/** All of them together; where they fail, one by one, so that it is known which one. */
async function apply(batches: ProjectionBatches, events: readonly FeedEvent[]): Promise<number> {
  for (let failures = 0; ; failures++) {
    try {
      const steps = batches.steps(events, 1)
      if (steps.length === 0) return 0
      await batches.apply(steps)
      return events.length
    } catch (error) {
      // a connection that broke, for example
      if (BanyanError.is(error) && error.retryable && failures < 5) continue
      if (events.length === 1) throw failedAt(events[0]!, error)
      let applied = 0
      for (const event of events) applied += await apply(batches, [event])
      return applied
    }
  }
}

function failedAt({ id, type, stream, version }: FeedEvent, cause: unknown): BanyanError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new BanyanError('invalid_event', `the projection fails at ${type} ${id} (${stream} version ${version}): ${why}`, { cause })
}
