import { systemClock, type Clock } from '../kernel/clock.ts'
import { BanyanError } from '../kernel/errors.ts'
import type { RecordedEvent } from './event.ts'
import type { Feed, FeedEvent, FeedPage, FeedRequest, Positions } from './feed.ts'
import type { WrittenPosition } from './unit.ts'
import { Publisher, type PublisherOptions } from './publisher.ts'
import { Wakeup } from './wakeup.ts'

/** The ends of a log's partitions. */
export interface LogHeads {
  readonly incarnation: string
  /** The last position of each partition that has events. */
  readonly positions: Positions
}

/** What a feed needs of a log, read on the primary: a lagging replica would look like a rewound log. */
export interface LogReader {
  heads(): Promise<LogHeads>
  /** Committed events after the positions, at most `limit`, for each partition a gapless run in order. */
  readAfter(positions: Positions, types: readonly string[] | undefined, limit: number): Promise<readonly RecordedEvent[]>
}

export interface WatchedLogOptions {
  /** How often to look for what other processes committed, in milliseconds; 200 unless said. */
  readonly pollMs?: number
  readonly clock?: Clock
}

/** A look at the heads, and what this process has committed since. */
interface Look {
  readonly asked: Promise<LogHeads>
  readonly at: number
  heads: LogHeads | undefined
  readonly committed: Map<number, number>
  settled: boolean
  /** Something was committed that nobody knows the position of. */
  outdated: boolean
}

/**
 * A log whose heads all feeds of a process watch together: waiting readers cost one small query per poll, not one each, and what this
 * process commits itself is known without one.
 */
export class WatchedLog {
  readonly reader: LogReader
  readonly wakeup: Wakeup = new Wakeup()
  readonly pollMs: number
  readonly clock: Clock
  #latest: Look | undefined

  constructor(reader: LogReader, options: WatchedLogOptions = {}) {
    this.reader = reader
    this.pollMs = options.pollMs ?? 200
    this.clock = options.clock ?? systemClock
  }

  /** To be told after every commit of this process: where it ended partitions of the log, if that is known and the commit is certain. */
  committed(positions?: readonly WrittenPosition[]): void {
    if (this.#latest && positions) for (const { partition, position } of positions) raise(this.#latest.committed, partition, position)
    else if (this.#latest) this.#latest.outdated = true
    this.wakeup.wake()
  }

  /** The heads, as seen at most `maxAgeMs` ago, and later where this process has committed. */
  heads(maxAgeMs: number): Promise<LogHeads> {
    const latest = this.#latest
    if (latest && !latest.outdated && (latest.settled ? this.#age(latest) < maxAgeMs : maxAgeMs >= 0)) return withCommitted(latest)
    const asked = this.reader.heads()
    const look: Look = { asked, at: this.clock.monotonic(), heads: undefined, committed: new Map(), settled: false, outdated: false }
    const settle = () => (look.settled = true)
    asked.then(settle, () => {
      settle()
      if (this.#latest === look) this.#latest = undefined
    })
    this.#latest = look
    return withCommitted(look)
  }

  /** Milliseconds until the heads are to be looked at again. */
  get dueMs(): number {
    return this.#latest ? Math.max(1, this.pollMs - this.#age(this.#latest)) : 1
  }

  #age({ at }: Look): number {
    return this.clock.monotonic() - at
  }
}

async function withCommitted(look: Look): Promise<LogHeads> {
  const asked = await look.asked
  look.heads ??= asked
  if (look.committed.size === 0) return look.heads
  // another map, since a reader keeps the one that it was given
  const positions = new Map(look.heads.positions)
  for (const [partition, position] of look.committed) raise(positions, partition, position)
  look.committed.clear()
  look.heads = { incarnation: asked.incarnation, positions }
  return look.heads
}

function raise(positions: Map<number, number>, partition: number, position: number): void {
  if (position > (positions.get(partition) ?? 0)) positions.set(partition, position)
}

/** The feed of a log in this process: commits here wake its readers at once, commits of other processes are seen by polling. */
export function logFeed(log: WatchedLog, options: PublisherOptions = {}): Feed {
  const publisher = new Publisher(options)
  return {
    async read(request) {
      const until = log.clock.monotonic() + request.waitMs
      for (;;) {
        const seen = log.wakeup.count
        const heads = await currentHeads(log, request, request.waitMs > 0 ? log.pollMs : 0)
        const ahead = new Map([...request.positions].filter(([partition, position]) => (heads.positions.get(partition) ?? 0) > position))
        if (ahead.size > 0) {
          const found = await readPage(log.reader, request, publisher, heads, ahead)
          if ([...found.upTo].some(([partition, position]) => position > ahead.get(partition)!)) return found
        }
        const left = until - log.clock.monotonic()
        if (left <= 0 || request.signal?.aborted) return page(heads, [], request.positions)
        await log.wakeup.after(seen, Math.min(left, log.dueMs), request.signal, log.clock)
      }
    },
  }
}

async function currentHeads(log: WatchedLog, request: FeedRequest, maxAgeMs: number): Promise<LogHeads> {
  const heads = await log.heads(maxAgeMs)
  if (rewound(request, heads) === undefined) return heads
  // shared heads may be older than what this reader was given by its last page
  const fresh = await log.heads(-1)
  const reason = rewound(request, fresh)
  if (reason === undefined) return fresh
  throw new BanyanError(
    'log_rewound',
    `${reason}. Its database was restored or replaced: rewind the consumer to read it again (handlers see events they may have seen), or move it to the new end and repair by hand`,
    { details: { incarnation: fresh.incarnation } },
  )
}

function rewound({ incarnation, positions }: FeedRequest, heads: LogHeads): string | undefined {
  if (incarnation !== undefined && incarnation !== heads.incarnation) return `The log is incarnation ${heads.incarnation}, the consumer has read ${incarnation}`
  for (const [partition, position] of positions) {
    const head = heads.positions.get(partition)
    // a partition without events was never read, or its months were dropped; then only the incarnation tells
    if (head !== undefined && position > head) return `Partition ${partition} of the log ends at position ${head}, the consumer has read up to ${position}`
  }
  return undefined
}

async function readPage(reader: LogReader, request: FeedRequest, publisher: Publisher, heads: LogHeads, ahead: Positions): Promise<FeedPage> {
  const recorded = await reader.readAfter(ahead, publisher.recorded(request.types), request.limit)
  const upTo = new Map(request.positions)
  // the heads were read before the events, and a later commit in a partition has a later position: nothing can appear at or below them
  if (recorded.length < request.limit) for (const partition of ahead.keys()) upTo.set(partition, heads.positions.get(partition)!)
  for (const event of recorded) upTo.set(event.partition, Math.max(upTo.get(event.partition) ?? 0, event.position))
  const { events, stuck } = publisher.publish(recorded, request.types)
  for (const [partition, position] of stuck) upTo.set(partition, Math.max(request.positions.get(partition) ?? 0, position))
  return page(heads, events, upTo)
}

function page({ incarnation, positions }: LogHeads, events: readonly FeedEvent[], upTo: Positions): FeedPage {
  const heads = new Map([...upTo].map(([partition, position]) => [partition, Math.max(position, positions.get(partition) ?? 0)]))
  return { incarnation, events, upTo, heads }
}
