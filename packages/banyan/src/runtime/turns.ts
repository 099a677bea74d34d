/** How long a unit waits for a turn before it decides on what is there, in milliseconds. */
const PATIENCE_MS = 1_000

interface Place {
  readonly holder: object
  readonly begin: () => void
}
interface Queue {
  holder: object
  readonly waiting: Place[]
}

/**
 * Turns at streams, so that concurrent units of one process decide one after the other instead of all on the same state, where all but one
 * would have to decide again. Only a matter of speed: the version check at the commit is what keeps streams right. So a turn that does not
 * come in time is not waited for, nor one whose holder waits, directly or through others, for a turn of ours.
 */
export class Turns {
  readonly #queues = new Map<string, Queue>()
  /** Unit → the stream it waits for. */
  readonly #waits = new Map<object, string>()

  /** Resolves when it is the unit's turn, or when waiting is of no use. */
  take(stream: string, unit: object): Promise<void> | undefined {
    const queue = this.#queues.get(stream)
    if (!queue) {
      this.#queues.set(stream, { holder: unit, waiting: [] })
      return undefined
    }
    if (this.#leadsTo(queue.holder, unit)) return undefined
    return new Promise((resolve) => {
      const stop = () => {
        clearTimeout(late)
        this.#waits.delete(unit)
        resolve()
      }
      const place: Place = { holder: unit, begin: stop }
      const late = setTimeout(() => {
        queue.waiting.splice(queue.waiting.indexOf(place), 1)
        stop()
      }, PATIENCE_MS)
      queue.waiting.push(place)
      this.#waits.set(unit, stream)
    })
  }

  /** Lets the next ones begin; streams that the unit has no turn at are left alone. */
  end(streams: Iterable<string>, unit: object): void {
    for (const stream of streams) {
      const queue = this.#queues.get(stream)
      if (queue?.holder !== unit) continue
      const next = queue.waiting.shift()
      if (!next) {
        this.#queues.delete(stream)
        continue
      }
      queue.holder = next.holder
      next.begin()
    }
  }

  /** Whether waiting for `holder` is waiting for `unit`. */
  #leadsTo(holder: object, unit: object): boolean {
    for (let at: object | undefined = holder; at !== undefined;) {
      if (at === unit) return true
      const stream = this.#waits.get(at)
      at = stream === undefined ? undefined : this.#queues.get(stream)?.holder
    }
    return false
  }
}
