import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../model/context.ts'
import { fullJitter, type Backoff } from '../kernel/backoff.ts'
import type { Feed, FeedEvent, FeedPage } from './feed.ts'
import type { Lane } from './subscription-lane.ts'
import { failureOf, type Failure } from './parked.ts'
import type { Wakeup } from './wakeup.ts'

export interface PullerOptions {
  readonly feed: Feed
  readonly types: readonly string[] | undefined
  readonly lanes: ReadonlyMap<number, Lane>
  /** Most events of one read; lanes that hold half as many are not read for. */
  readonly prefetch: number
  /** So many lanes that are behind are read for together, so that each gets a good part of a read. */
  readonly together: number
  readonly waitMs: number
  readonly backoff: Backoff
  readonly clock: Clock
  readonly log: Log | undefined
  /** Woken when lanes come, go or make room. */
  readonly changed: Wakeup
  readonly stop: AbortSignal
  /** Records the log's incarnation, before its first event is handled. */
  readonly adopt: (incarnation: string) => Promise<void>
}

/** A producer that is back is noticed within this time, however long it was away: asking costs it little. */
const MOST_WAIT_MS = 2_000
/** How many failures in a row are told to the log. */
const QUIETLY = 5

/** Reads a feed for those lanes of a subscription that have room. A lane that is held up stops being read for; the others are not held up with it. */
export class Puller {
  failure: Failure | undefined
  readonly #options: PullerOptions
  #reading: { readonly lanes: ReadonlySet<Lane>; readonly wait: AbortController } | undefined

  constructor(options: PullerOptions) {
    this.#options = options
    options.stop.addEventListener('abort', () => this.#reading?.wait.abort(), { once: true })
  }

  async run(): Promise<void> {
    const { changed, clock, log, stop, backoff } = this.#options
    for (let failures = 0; !stop.aborted;) {
      const seen = changed.count
      const lanes = this.#chosen(this.#hungry())
      if (lanes.size === 0) {
        await changed.after(seen, 60_000, stop, clock)
        continue
      }
      this.#reading = { lanes, wait: new AbortController() }
      try {
        await this.#read(lanes, this.#reading.wait.signal)
        failures = 0
        this.failure = undefined
      } catch (error) {
        if (this.#reading.wait.signal.aborted) continue
        this.failure = failureOf(error)
        failures++
        // a peer that starts, or starts again, is away for a moment: that is no news
        if (failures === QUIETLY) log?.warn('A feed cannot be read and is tried again until it can', { error: this.failure })
        await clock.wait(fullJitter({ ...backoff, capMs: Math.min(backoff.capMs, MOST_WAIT_MS) }, failures), stop)
      } finally {
        this.#reading = undefined
      }
    }
  }

  /** Ends a wait in which nobody asked for this lane. */
  nudge(lane: Lane): void {
    if (this.#reading && !this.#reading.lanes.has(lane) && this.#hungry().has(lane)) this.#reading.wait.abort()
  }

  #hungry(): ReadonlySet<Lane> {
    const { lanes, prefetch } = this.#options
    let queued = 0
    for (const lane of lanes.values()) queued += lane.queue.length
    const room = queued < prefetch * 4 ? prefetch / 2 : 1
    return new Set([...lanes.values()].filter((lane) => !lane.closing && lane.queue.length < room))
  }

  /** Of those that are behind, a few: what gets much at a time is handled in few transactions. The others are looked at every time. */
  #chosen(hungry: ReadonlySet<Lane>): ReadonlySet<Lane> {
    const { together } = this.#options
    const behind = [...hungry].filter((lane) => lane.head > lane.fetched)
    if (behind.length <= together) return hungry
    const later = new Set(behind.sort((a, b) => a.queue.length - b.queue.length || a.fetched - b.fetched).slice(together))
    return new Set([...hungry].filter((lane) => !later.has(lane)))
  }

  async #read(lanes: ReadonlySet<Lane>, signal: AbortSignal): Promise<void> {
    const { feed, types, prefetch, waitMs, adopt } = this.#options
    const incarnation = [...lanes].find((lane) => lane.incarnation !== null)?.incarnation
    const page = await feed.read({
      positions: new Map([...lanes].map((lane) => [lane.partition, lane.fetched])),
      ...(incarnation && { incarnation }),
      ...(types && { types }),
      limit: prefetch,
      waitMs,
      signal,
    })
    const fresh = [...lanes].filter((lane) => lane.incarnation === null)
    if (fresh.length > 0) await adopt(page.incarnation)
    for (const lane of fresh) lane.incarnation = page.incarnation
    deal(page, lanes)
  }
}

function deal(page: FeedPage, lanes: ReadonlySet<Lane>): void {
  const events = new Map<number, FeedEvent[]>()
  for (const event of page.events) {
    const of = events.get(event.partition)
    if (of) of.push(event)
    else events.set(event.partition, [event])
  }
  for (const lane of lanes) {
    const upTo = page.upTo.get(lane.partition) ?? lane.fetched
    const head = page.heads.get(lane.partition) ?? upTo
    // a read may be repeated, or answered by a broker that gives events again
    const news = (events.get(lane.partition) ?? []).filter((event) => event.position > lane.fetched)
    if (news.length > 0 || upTo > lane.fetched || head > lane.head) lane.accept(news, upTo, head)
  }
}
