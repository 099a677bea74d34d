import type { Outcome, Unit } from './unit.ts'

/** A unit that waits for its outcome. */
export interface Waiting {
  readonly unit: Unit
  /** Roughly what it takes on the wire. */
  readonly bytes: number
  /** When the connection broke while it was under way, on the monotonic clock: it may have been committed. */
  lostAt?: number
  readonly settle: (outcome: Outcome) => void
  readonly fail: (error: unknown) => void
}

/** The length of a unit's JSON texts, and a little for each of its parts. */
export function sizeOf({ streams, sends, key }: Unit): number {
  let bytes = 100 + (key?.result.length ?? 0)
  for (const { events } of streams) for (const { data, meta } of events) bytes += 200 + data.length + meta.length
  for (const { input, context } of sends) bytes += 200 + input.length + context.length
  return bytes
}

/** First in, first out; what was lost with a connection goes back to the front. */
export class CommitQueue {
  #waiting: Waiting[] = []

  get length(): number {
    return this.#waiting.length
  }

  add(waiting: Waiting): void {
    this.#waiting.push(waiting)
  }

  putBack(waiting: readonly Waiting[]): void {
    this.#waiting = [...waiting, ...this.#waiting]
  }

  /** The next batch: at most `most` units, at most `maxBytes` unless a single unit is larger. */
  take(most: number, maxBytes: number): Waiting[] {
    let bytes = 0
    let count = 0
    while (count < most && count < this.#waiting.length) {
      bytes += this.#waiting[count]!.bytes
      if (count > 0 && bytes > maxBytes) break
      count++
    }
    return this.#waiting.splice(0, count)
  }

  takeAll(): Waiting[] {
    return this.#waiting.splice(0)
  }
}
