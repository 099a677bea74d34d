import { systemClock, type Clock } from '../kernel/clock.ts'
import { BanyanError } from '../kernel/errors.ts'
import { PARTITIONS } from '../events/event.ts'
import type { LogReader } from '../events/log-feed.ts'
import type { ListedEvent } from './event-query.ts'

export interface FollowOptions {
  readonly signal: AbortSignal
  /** Told when a log cannot be read for a while; it is tried again. */
  readonly onTrouble: (error: BanyanError) => void
  /** Milliseconds between two looks; 250 unless said. */
  readonly pollMs?: number
  readonly clock?: Clock
}

/** Looks for which an event waits for its cause, which stands in a log that was looked at before. */
const PATIENCE = 4
const PAGE = 500

/** Reads on in several logs from where they end now. */
export class Follower {
  readonly #logs: ReadonlyMap<string, LogReader>
  readonly #positions = new Map<string, Map<number, number>>()
  readonly #known = new Set<string>()
  #held: { readonly event: ListedEvent; readonly looks: number }[] = []

  private constructor(logs: ReadonlyMap<string, LogReader>) {
    this.#logs = logs
  }

  /** From here on nothing is missed. */
  static async at(logs: ReadonlyMap<string, LogReader>): Promise<Follower> {
    const follower = new Follower(logs)
    for (const [service, log] of logs) {
      const { positions } = await log.heads()
      follower.#positions.set(service, new Map(Array.from({ length: PARTITIONS }, (_, partition) => [partition, positions.get(partition) ?? 0])))
    }
    return follower
  }

  /** Events that were shown already. */
  skip(events: readonly ListedEvent[]): void {
    for (const { id } of events) this.#known.add(id)
  }

  /** Batches of new events until the signal aborts, causes before their effects. */
  async *batches({ signal, onTrouble, pollMs = 250, clock = systemClock }: FollowOptions): AsyncGenerator<readonly ListedEvent[]> {
    while (!signal.aborted) {
      try {
        const found = await this.#look()
        if (found.length > 0) yield found
      } catch (error) {
        if (!BanyanError.is(error) || !error.retryable) throw error
        onTrouble(error)
        await clock.wait(pollMs * 4, signal)
      }
      await clock.wait(pollMs, signal)
    }
  }

  async #look(): Promise<readonly ListedEvent[]> {
    const pages = await Promise.all([...this.#logs].map(([service, log]) => this.#read(service, log)))
    const fresh = pages.flat().filter(({ id }) => !this.#known.has(id))
    const candidates = [...this.#held, ...fresh.map((event) => ({ event, looks: 0 }))].sort((a, b) => a.event.at.getTime() - b.event.at.getTime())
    this.#held = []
    const ready: ListedEvent[] = []
    for (const { event, looks } of candidates) {
      if (event.meta.causedBy === 'command' || this.#known.has(event.meta.causation) || looks >= PATIENCE) {
        this.#known.add(event.id)
        ready.push(event)
      } else this.#held.push({ event, looks: looks + 1 })
    }
    return ready
  }

  async #read(service: string, log: LogReader): Promise<readonly ListedEvent[]> {
    const positions = this.#positions.get(service)!
    const events = await log.readAfter(positions, undefined, PAGE)
    for (const { partition, position } of events) positions.set(partition, Math.max(positions.get(partition) ?? 0, position))
    return events.map((event) => ({ ...event, service }))
  }
}
