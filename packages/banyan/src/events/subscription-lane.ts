import type { Clock } from '../kernel/clock.ts'
import { BanyanError } from '../kernel/errors.ts'
import type { Log } from '../model/context.ts'
import type { Sql } from '../store/sql.ts'
import { sqlError } from '../store/sql-errors.ts'
import { askedWait, fullJitter, type Backoff } from '../kernel/backoff.ts'
import { leaseLost, readCheckpoints, type SubscriptionKey } from './checkpoint.ts'
import type { FeedEvent } from './feed.ts'
import type { Lease } from './lease-sql.ts'
import { failureOf, park, parkBehind, type Failure } from './parked.ts'
import type { Slots } from './slots.ts'
import { handle, type SubscriptionHandler } from './subscription-handler.ts'
import { noteTrouble, suspicion, type Trouble } from './trouble.ts'
import type { CheckpointAdvance } from './unit.ts'

/** What the lanes of one subscription share. */
export interface LaneSettings {
  readonly key: SubscriptionKey
  readonly handler: SubscriptionHandler
  readonly sql: Sql
  readonly slots: Slots
  readonly batchSize: number
  /** All lanes of the subscription in this process. */
  lanes(): Iterable<Lane>
  /** After how many failures an event whose error is not retryable is parked. */
  readonly attempts: number
  readonly backoff: Backoff
  readonly clock: Clock
  readonly log: Log | undefined
  /** Something was dealt with, or there is room again. */
  progressed(lane: Lane): void
  /** The lease is lost. */
  dropped(lane: Lane): void
}

/** What a lane hands over at a time. */
interface Part {
  readonly lane: Lane
  readonly events: readonly FeedEvent[]
  /** Everything up to here is then dealt with. */
  readonly upTo: number
}

/** The work on one leased partition: a queue, handled in order, that only its own failures hold up. */
export class Lane {
  readonly partition: number
  readonly epoch: number
  /** The log that the positions belong to; null before the first read. */
  incarnation: string | null
  /** Read up to here; dealt with up to there; the checkpoint in the database. */
  fetched: number
  done: number
  committed: number
  head: number
  readonly queue: FeedEvent[] = []
  /** Keys that have parked events, as far as this process knows. */
  readonly parked: Set<string>
  readonly #settings: LaneSettings
  readonly #closing = new AbortController()
  readonly #gone = new AbortController()
  #trouble: Trouble | undefined
  #running: Promise<void> | undefined
  /** While its next events are being handed over, by itself or along with another's. */
  #handed: Promise<void> | undefined

  constructor(settings: LaneSettings, lease: Lease, parked: Iterable<string>) {
    this.#settings = settings
    this.partition = lease.partition
    this.epoch = lease.epoch
    this.incarnation = lease.incarnation
    this.fetched = this.done = this.committed = this.head = lease.position
    this.parked = new Set(parked)
  }

  get trouble(): { readonly failures: number; readonly failure: Failure } | undefined {
    return this.#trouble
  }

  get closing(): boolean {
    return this.#closing.signal.aborted
  }

  /** Takes what was read. Everything up to `upTo` that is not among the events was filtered out. */
  accept(events: readonly FeedEvent[], upTo: number, head: number): void {
    this.head = head
    this.queue.push(...events)
    this.fetched = upTo
    if (this.queue.length === 0) this.done = upTo
    this.#start()
    this.#settings.progressed(this)
  }

  advanceTo(position: number): CheckpointAdvance {
    return { ...this.#settings.key, partition: this.partition, epoch: this.epoch, position }
  }

  /** Finishes what is being handled and begins nothing new. */
  close(): Promise<void> {
    this.#closing.abort()
    return this.#running ?? Promise.resolve()
  }

  /** Tells a handler that is still running that it is in vain. */
  abort(): void {
    this.#closing.abort()
    this.#gone.abort()
  }

  #start(): void {
    if (this.#running || this.closing || this.queue.length === 0) return
    this.#running = this.#work().finally(() => {
      this.#running = undefined
      this.#start()
      this.#settings.progressed(this)
    })
  }

  async #work(): Promise<void> {
    while (this.queue.length > 0 && !this.closing) {
      const failed = await this.#settings.slots.run(() => this.#handOver())
      if (failed) await this.#failed(failed.events, failed.upTo, failed.error)
    }
  }

  /** What has come while it waited for its turn goes along. Answers what failed: a wait for the next attempt takes no turn from others. */
  async #handOver(): Promise<(Part & { readonly error: unknown }) | undefined> {
    while (this.#handed) await this.#handed
    // all of it may have gone along with another partition's
    if (this.queue.length === 0 || this.closing) return undefined
    const part = this.#next(this.#settings.batchSize)
    // from here to the hand-over nothing is awaited, or another lane might take the same along
    const parts = this.#withOthers(part)
    if (parts.length > 1 && (await this.#together(parts))) return undefined
    try {
      await Lane.#handing([part], () => this.#attempt(part.events, part.upTo))
      return undefined
    } catch (error) {
      return { ...part, error }
    }
  }

  /** What to hand over next: one event, or as many as may go into one transaction. */
  #next(room: number): Part {
    const { handler } = this.#settings
    const most = handler.kind === 'each' || this.#trouble?.single || this.parked.has(this.queue[0]!.stream) ? 1 : room
    const bound = this.#trouble?.upTo ?? Infinity
    let count = 1
    while (count < most && count < this.queue.length && this.queue[count]!.position <= bound && !this.parked.has(this.queue[count]!.stream)) count++
    const events = this.queue.slice(0, count)
    return { lane: this, events, upTo: count === this.queue.length && !this.#trouble ? this.fetched : events.at(-1)!.position }
  }

  /** Whether its next events may go into a transaction with those of other partitions. */
  get #sociable(): boolean {
    return this.queue.length > 0 && !this.closing && !this.#handed && !this.#trouble && !this.parked.has(this.queue[0]!.stream)
  }

  /**
   * Hands over what several partitions have waiting: one commit instead of many. `false` when it failed; then each goes alone, and first
   * finds out whether it was committed after all.
   */
  async #together(parts: readonly Part[]): Promise<boolean> {
    const { handler, log, key } = this.#settings
    if (handler.kind === 'each') return false
    const advances = parts.map(({ lane, upTo }) => lane.advanceTo(upTo))
    const events = parts.flatMap((part) => part.events)
    try {
      await Lane.#handing(parts, async () => {
        const handled = await handler.handle(events, advances, { attempt: 1, signal: this.#gone.signal })
        for (const { lane, events, upTo } of parts) lane.#passed(events.length, upTo, handled === 'committed')
      })
      return true
    } catch (error) {
      log?.debug('Handling events of several partitions failed; each is tried alone', { ...key, partitions: parts.length, error: failureOf(error) })
      return false
    }
  }

  /** Nobody else hands over the same meanwhile; nor after a failure, until it is known whether it was committed. */
  static async #handing(parts: readonly Part[], work: () => Promise<void>): Promise<void> {
    const over = Promise.withResolvers<void>()
    for (const { lane } of parts) lane.#handed = over.promise
    try {
      await work()
    } catch (error) {
      const failure = failureOf(sqlError(error))
      for (const { lane, upTo } of parts) lane.#trouble ??= suspicion(upTo, failure)
      throw error
    } finally {
      for (const { lane } of parts) lane.#handed = undefined
      over.resolve()
    }
  }

  #withOthers(own: Part): Part[] {
    const { handler, lanes, batchSize } = this.#settings
    const parts = [own]
    if (handler.kind === 'each' || !this.#sociable) return parts
    let room = batchSize - own.events.length
    for (const lane of lanes()) {
      if (room <= 0) break
      if (lane === this || !lane.#sociable) continue
      const part = lane.#next(room)
      parts.push(part)
      room -= part.events.length
    }
    return parts
  }

  async #attempt(events: readonly FeedEvent[], upTo: number): Promise<void> {
    if (this.closing) return
    const { handler, sql } = this.#settings
    const first = events[0]!
    if (this.#trouble && (await this.#committedMeanwhile(first))) return
    if (this.#trouble?.park) return this.#park(first, upTo, this.#trouble)
    if (this.parked.has(first.stream)) {
      const outcome = await parkBehind(sql, this.advanceTo(upTo), first)
      if (outcome === 'parked') return this.#passed(1, upTo, true)
      if (outcome === 'lease_lost') throw leaseLost(this.advanceTo(upTo))
      this.parked.delete(first.stream)
    }
    const handled = await handle(handler, events, this.advanceTo(upTo), { attempt: (this.#trouble?.failures ?? 0) + 1, signal: this.#gone.signal })
    this.#passed(events.length, upTo, handled === 'committed')
  }

  #passed(count: number, upTo: number, committed: boolean): void {
    this.queue.splice(0, count)
    this.done = this.queue.length === 0 ? this.fetched : upTo
    if (committed) this.committed = upTo
    // singly is how a failed batch is handled to its end; whatever else failed is over with its first success
    if (this.#trouble)
      this.#trouble = this.#trouble.single && upTo < this.#trouble.upTo ? { ...this.#trouble, failures: 0, refusals: 0, park: false } : undefined
    this.#settings.progressed(this)
  }

  /** A COMMIT whose answer was lost may have succeeded. */
  async #committedMeanwhile(first: FeedEvent): Promise<boolean> {
    const [now] = await readCheckpoints(this.#settings.sql, this.#settings.key, [this.partition])
    if (now?.epoch !== this.epoch) throw leaseLost(this.advanceTo(first.position))
    if (now.position < first.position) return false
    const count = this.queue.findIndex((event) => event.position > now.position)
    this.#passed(count === -1 ? this.queue.length : count, now.position, true)
    return true
  }

  async #park(event: FeedEvent, upTo: number, { failure, failures }: Trouble): Promise<void> {
    const { sql, log, key } = this.#settings
    if (!(await park(sql, this.advanceTo(upTo), event, failures, failure))) throw leaseLost(this.advanceTo(upTo))
    log?.error('An event was parked; later events of its key will wait behind it', {
      ...key,
      stream: event.stream,
      event: event.id,
      attempts: failures,
      error: failure,
    })
    this.parked.add(event.stream)
    this.#passed(1, upTo, true)
  }

  async #failed(events: readonly FeedEvent[], upTo: number, thrown: unknown): Promise<void> {
    const error = sqlError(thrown)
    if (BanyanError.is(error, 'lease_lost')) {
      this.abort()
      return this.#settings.dropped(this)
    }
    const { attempts, backoff, clock, log, key } = this.#settings
    const passing = BanyanError.is(error) && error.retryable
    const failure = failureOf(error)
    const before: Trouble = this.#trouble ?? suspicion(upTo, failure)
    const failures = before.failures + 1
    const refusals = before.refusals + (passing ? 0 : 1)
    log?.warn('Handling events failed', { ...key, partition: this.partition, stream: events[0]!.stream, events: events.length, failures, error: failure })
    if (events.length > 1) {
      const single = !passing || failures >= 3
      this.#trouble = { upTo: before.upTo, failures: single ? 0 : failures, refusals: 0, single, failure, park: false }
      if (!passing) return
    } else {
      const hopeless = BanyanError.is(error, 'newer_event') || (!passing && refusals >= attempts)
      this.#trouble = before.park ? { ...before, failures } : { ...before, failures, refusals, failure, park: hopeless }
      if (hopeless && !before.park) return
    }
    await this.#note(events, failures, failure)
    await clock.wait(askedWait(error) + fullJitter(backoff, failures), this.#closing.signal)
  }

  /** For whoever looks from outside. The database itself may be what fails. */
  async #note(events: readonly FeedEvent[], attempts: number, error: Failure): Promise<void> {
    const { position } = events.at(-1)!
    await noteTrouble(this.#settings.sql, this.advanceTo(position), { position, stream: events[0]!.stream, attempts, error }).catch(() => undefined)
  }
}
