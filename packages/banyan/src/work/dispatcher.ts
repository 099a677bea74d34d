import { fullJitter, type Backoff } from '../kernel/backoff.ts'
import { failureOf } from '../events/parked.ts'
import { Wakeup } from '../events/wakeup.ts'
import { systemClock, type Clock } from '../kernel/clock.ts'
import { crashPoint } from '../kernel/crash-point.ts'
import { uuidv7 } from '../kernel/id.ts'
import type { Log } from '../model/context.ts'
import type { Sql } from '../store/sql.ts'
import { claimWork, freeClaims, renewWork, settleWork, type Settlement, type WorkItem } from './work.ts'

/** A reason is an error or a text; `afterMs` asks for at least that much time, as a `Retry-After` does. */
export type Delivered = 'executed' | { readonly retry: unknown; readonly afterMs?: number } | { readonly dead: unknown }

export interface DispatcherOptions {
  readonly sql: Sql
  /**
   * Has an item executed. It may be called again for the same id (a lost answer, a dead process), so the receiver must take the id as
   * the idempotency key. A throw counts as `retry`. `signal` aborts when another process has claimed the item, or the time to drain is over.
   */
  readonly deliver: (item: WorkItem, signal: AbortSignal) => Promise<Delivered>
  readonly kind?: string
  /** Name of this process among the replicas; a new one at every start. */
  readonly owner?: string
  /** Woken when this process has committed work. */
  readonly wakeup?: Wakeup
  /** Most deliveries at once, 128 unless said; at most half of them to one service, so that one that hangs does not hold up the others. */
  readonly concurrency?: number
  /** How long a silent process keeps what it claimed, in milliseconds; 30,000 unless said. Longer deliveries are renewed. */
  readonly leaseMs?: number
  /** How often to look for what other processes left, in milliseconds; 1,000 unless said. What is due sooner is looked at when it is due. */
  readonly pollMs?: number
  /** Between attempts, in milliseconds; 100 doubling up to 300,000 unless said. */
  readonly backoff?: Backoff
  /** How long deliveries may finish when it is disposed of, in milliseconds; 8,000 unless said. */
  readonly drainMs?: number
  readonly clock?: Clock
  readonly log?: Log
}

export interface DispatcherStatus {
  /** Claimed, and not settled yet. */
  readonly inFlight: number
  /** Since the start. */
  readonly executed: number
  readonly retried: number
  readonly dead: number
}

/** Disposing of it claims nothing more, lets deliveries finish, and gives back what did not. */
export interface Dispatcher extends AsyncDisposable {
  status(): DispatcherStatus
}

/**
 * Delivers the work of a service until it is executed: at least once, in no promised order, by whichever replica claims it. What a dead
 * process had claimed is claimed by another after the lease. What finishes together is settled in one statement.
 */
export function dispatcher(options: DispatcherOptions): Dispatcher {
  return new ClaimingDispatcher(options)
}

interface Flight {
  readonly item: WorkItem
  readonly abort: AbortController
  settled: boolean
}

class ClaimingDispatcher implements Dispatcher {
  readonly #options: DispatcherOptions
  readonly #owner: string
  readonly #kind: string
  readonly #wakeup: Wakeup
  readonly #clock: Clock
  readonly #concurrency: number
  readonly #leaseMs: number
  readonly #backoff: Backoff
  readonly #flights = new Map<string, Flight>()
  readonly #finished: Settlement[] = []
  readonly #counts = { executed: 0, retried: 0, dead: 0 }
  readonly #landed = new Wakeup()
  readonly #stop = new AbortController()
  readonly #end = new AbortController()
  readonly #claiming: Promise<void>
  readonly #renewing: Promise<void>
  /** Whether the last claim left the work of some services alone. */
  #left = false
  /** Whether a claim may have succeeded whose answer was lost. */
  #astray = false
  #settling: Promise<void> | undefined
  #disposing: Promise<void> | undefined

  constructor(options: DispatcherOptions) {
    this.#options = options
    this.#owner = options.owner ?? uuidv7()
    this.#kind = options.kind ?? 'send'
    this.#wakeup = options.wakeup ?? new Wakeup()
    this.#clock = options.clock ?? systemClock
    this.#concurrency = options.concurrency ?? 128
    this.#leaseMs = options.leaseMs ?? 30_000
    this.#backoff = options.backoff ?? { baseMs: 100, capMs: 300_000 }
    this.#claiming = this.#claimAll()
    this.#renewing = this.#renewAll()
  }

  status(): DispatcherStatus {
    return { inFlight: this.#flights.size, ...this.#counts }
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#disposing ??= this.#dispose()
    return this.#disposing
  }

  async #claimAll(): Promise<void> {
    for (let failures = 0; !this.#stop.signal.aborted;) {
      const seen = this.#wakeup.count
      try {
        await this.#wakeup.after(seen, await this.#claim(), this.#stop.signal, this.#clock)
        failures = 0
      } catch (error) {
        this.#astray = true
        this.#options.log?.warn('Work could not be claimed; tried again', { kind: this.#kind, error: failureOf(error) })
        await this.#clock.wait(fullJitter({ baseMs: 50, capMs: 5_000 }, ++failures), this.#stop.signal)
      }
    }
  }

  /** Claims what there is room for and begins to deliver it; answers how long there will be nothing to do. */
  async #claim(): Promise<number> {
    const { sql, pollMs = 1_000 } = this.#options
    const share = Math.ceil(this.#concurrency / 4)
    const limit = Math.min(share, this.#concurrency - this.#flights.size)
    const landed = this.#landed.count
    if (limit <= 0) {
      await this.#landed.after(landed, this.#leaseMs, this.#stop.signal, this.#clock)
      return 0
    }
    const except = this.#busy(share)
    this.#left = except.length > 0
    if (this.#astray) await freeClaims(sql, this.#owner, [...this.#flights.keys()])
    this.#astray = false
    const { items, nextMs } = await claimWork(sql, { kind: this.#kind, owner: this.#owner, limit, leaseMs: this.#leaseMs, except })
    for (const item of items) void this.#deliver(item)
    return Math.min(pollMs, nextMs ?? pollMs)
  }

  /** Services with a quarter of the room; they get no more until something of theirs lands. */
  #busy(share: number): readonly string[] {
    const counts = new Map<string, number>()
    for (const { item } of this.#flights.values()) counts.set(item.service, (counts.get(item.service) ?? 0) + 1)
    return [...counts].filter(([, count]) => count >= share).map(([service]) => service)
  }

  async #deliver(item: WorkItem): Promise<void> {
    const flight: Flight = { item, abort: new AbortController(), settled: false }
    this.#flights.set(item.id, flight)
    let delivered: Delivered
    try {
      crashPoint('send.claimed')
      delivered = await this.#options.deliver(item, flight.abort.signal)
      if (delivered === 'executed') crashPoint('send.executed')
    } catch (error) {
      delivered = { retry: error }
    }
    this.#finish(flight, delivered)
  }

  #finish(flight: Flight, delivered: Delivered): void {
    if (flight.settled) return
    flight.settled = true
    this.#finished.push(this.#settlement(flight.item, delivered))
    this.#settleSoon()
  }

  #settleSoon(): void {
    this.#settling ??= this.#settle().finally(() => {
      this.#settling = undefined
      // something may have finished after the last look
      if (this.#finished.length > 0 && !this.#end.signal.aborted) this.#settleSoon()
    })
  }

  #settlement({ id, epoch, attempts, service, operation }: WorkItem, delivered: Delivered): Settlement {
    if (delivered === 'executed') {
      this.#counts.executed++
      return { id, epoch, outcome: 'done' }
    }
    if ('retry' in delivered) {
      this.#counts.retried++
      return {
        id,
        epoch,
        outcome: 'again',
        failure: failureOf(delivered.retry),
        afterMs: Math.max(delivered.afterMs ?? 0, fullJitter(this.#backoff, attempts)),
      }
    }
    this.#counts.dead++
    const failure = failureOf(delivered.dead)
    this.#options.log?.error('Work is not tried any more', { kind: this.#kind, id, to: `${service}.${operation}`, attempts, error: failure })
    return { id, epoch, outcome: 'dead', failure }
  }

  /** Settles until nothing is left; what finishes while a statement runs goes with the next one. */
  async #settle(): Promise<void> {
    for (let failures = 0; this.#finished.length > 0;) {
      // what finishes in the same turn of the event loop goes together
      await new Promise((resolve) => setImmediate(resolve))
      const batch = [...this.#finished]
      try {
        await settleWork(this.#options.sql, batch)
        crashPoint('send.settled')
      } catch (error) {
        this.#options.log?.warn('Finished work could not be settled; tried again', { kind: this.#kind, items: batch.length, error: failureOf(error) })
        if (this.#end.signal.aborted) return
        await this.#clock.wait(fullJitter({ baseMs: 50, capMs: 5_000 }, ++failures), this.#end.signal)
        continue
      }
      failures = 0
      this.#finished.splice(0, batch.length)
      for (const { id } of batch) this.#flights.delete(id)
      this.#landed.wake()
      // a retry may be due before what the claim waits for, and a service that had no room has some
      if (this.#left || batch.some(({ outcome }) => outcome === 'again')) this.#wakeup.wake()
    }
  }

  async #renewAll(): Promise<void> {
    while (!this.#end.signal.aborted) {
      await this.#clock.wait(this.#leaseMs / 3, this.#end.signal)
      const flights = [...this.#flights.values()].filter((flight) => !flight.settled)
      if (flights.length === 0 || this.#end.signal.aborted) continue
      try {
        const held = await renewWork(
          this.#options.sql,
          flights.map((flight) => flight.item),
          this.#leaseMs,
        )
        for (const { item, abort } of flights) if (!held.has(item.id)) abort.abort()
      } catch (error) {
        this.#options.log?.warn('Leases of work could not be renewed', { kind: this.#kind, items: flights.length, error: failureOf(error) })
      }
    }
  }

  async #dispose(): Promise<void> {
    this.#stop.abort()
    await this.#claiming
    await this.#land(this.#options.drainMs ?? 8_000)
    for (const { abort } of this.#flights.values()) abort.abort()
    await this.#land(1_000)
    for (const flight of this.#flights.values()) this.#finish(flight, { retry: 'the process stopped before it had an answer' })
    this.#end.abort()
    await Promise.all([this.#settling, this.#renewing])
  }

  /** Waits until nothing is in flight, but not longer. */
  async #land(ms: number): Promise<void> {
    const enough = AbortSignal.timeout(ms)
    for (let seen = this.#landed.count; this.#flights.size > 0 && !enough.aborted; seen = this.#landed.count)
      await this.#landed.after(seen, ms, enough, this.#clock)
  }
}
