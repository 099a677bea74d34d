import { systemClock } from '../kernel/clock.ts'
import { BanyanError } from '../kernel/errors.ts'
import { PARTITIONS } from '../events/event.ts'
import type { LogReader } from '../events/log-feed.ts'
import type { ListedEvent } from './event-query.ts'
import { keepRecent } from './recent.ts'

export interface FollowOptions {
  readonly signal: AbortSignal
  /** Told once when a log cannot be read; it is tried again all the while. */
  readonly onTrouble: (service: string, error: BanyanError) => void
  /** Milliseconds between two looks; 250 unless said. */
  readonly pollMs?: number
}

/** Looks for which an effect waits for its cause, since logs are looked at one beside the other. */
const PATIENCE = 4
const PAGE = 500
const REMEMBERED = 20_000

/** Reads on in several logs from where they end now. */
export class Follower {
  readonly #logs: ReadonlyMap<string, LogReader>
  readonly #positions = new Map<string, Map<number, number>>()
  readonly #known = new Set<string>()
  readonly #troubled = new Set<string>()
  #held: readonly { readonly event: ListedEvent; readonly looks: number }[] = []

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

  /** Batches of new events until the signal aborts, causes before their effects. Throws what no later look would mend. */
  async *batches({ signal, onTrouble, pollMs = 250 }: FollowOptions): AsyncGenerator<readonly ListedEvent[]> {
    while (!signal.aborted) {
      const pages = await Promise.all([...this.#logs].map(([service, log]) => this.#read(service, log, onTrouble)))
      const found = this.#release(pages.flat())
      if (found.length > 0) yield found
      await systemClock.wait(pollMs, signal)
    }
  }

  async #read(service: string, log: LogReader, onTrouble: FollowOptions['onTrouble']): Promise<readonly ListedEvent[]> {
    const positions = this.#positions.get(service)!
    try {
      const events = await log.readAfter(positions, undefined, PAGE)
      this.#troubled.delete(service)
      for (const { partition, position } of events) positions.set(partition, Math.max(positions.get(partition) ?? 0, position))
      return events.filter(({ id }) => !this.#known.has(id)).map((event) => ({ ...event, service }))
    } catch (error) {
      if (!BanyanError.is(error) || !error.retryable) throw error
      if (!this.#troubled.has(service)) onTrouble(service, error)
      this.#troubled.add(service)
      return []
    }
  }

  /** What may be shown now, in order of time; effects whose cause is not known yet are held back for a while. */
  #release(fresh: readonly ListedEvent[]): readonly ListedEvent[] {
    const waiting = [...this.#held, ...fresh.map((event) => ({ event, looks: 0 }))].sort((a, b) => a.event.at.getTime() - b.event.at.getTime())
    const ready: ListedEvent[] = []
    this.#held = waiting.flatMap(({ event, looks }) => {
      const { causedBy, causation } = event.meta
      if (causedBy === 'event' && looks < PATIENCE && !this.#known.has(causation)) return [{ event, looks: looks + 1 }]
      this.#known.add(event.id)
      ready.push(event)
      return []
    })
    keepRecent(this.#known, REMEMBERED)
    return ready
  }
}
