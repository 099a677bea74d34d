/** How long a unit may have a turn that others wait for, in milliseconds. */
const PATIENCE_MS = 1_000

/**
 * Turns at streams, so that concurrent units of one process decide one after the other instead of all on the same state, where all but one
 * would have to decide again. Only a matter of speed: the version check at the commit is what keeps streams right. So a turn that takes too
 * long ends, and units that would wait for each other do not wait.
 */
export class Turns {
  readonly #queues = new Map<string, Queue>()

  /** For a unit that begins; it is to call `end`. */
  begin(): UnitTurns {
    return new UnitTurns(this.#queues)
  }
}

/** The turns of one unit. It waits at any number of streams at once. */
export class UnitTurns {
  readonly #queues: Map<string, Queue>
  readonly #taken = new Map<string, Promise<void> | undefined>()
  /** Where it did not wait, because somebody there waits for it. */
  readonly #passed: string[] = []
  readonly #waits = new Set<Queue>()

  constructor(queues: Map<string, Queue>) {
    this.#queues = queues
  }

  /** All streams it has asked for. */
  get streams(): Iterable<string> {
    return this.#taken.keys()
  }

  get waits(): ReadonlySet<Queue> {
    return this.#waits
  }

  /** A stream that another unit has the turn at and this one did not wait for: its commit would make the other decide again. */
  get trespass(): string | undefined {
    return this.#passed.find((stream) => {
      const holder = this.#queues.get(stream)?.holder
      return holder !== undefined && holder !== this
    })
  }

  /** Resolves when it is the unit's turn, or when waiting is of no use. */
  take(stream: string): Promise<void> | undefined {
    if (!this.#taken.has(stream)) this.#taken.set(stream, this.#take(stream))
    return this.#taken.get(stream)
  }

  /**
   * Of several at once. Units that take all they need like this do not wait for each other: in all queues those that asked first are before
   * those that asked later.
   */
  async takeAll(streams: Iterable<string>): Promise<void> {
    await Promise.all(Array.from(streams, async (stream) => this.take(stream)))
  }

  /** Lets the next ones begin; harmless when done before. */
  end(): void {
    for (const stream of this.#taken.keys()) this.#queues.get(stream)?.leave(this)
    this.#waits.clear()
  }

  #take(stream: string): Promise<void> | undefined {
    const queue = this.#queues.get(stream)
    if (!queue) {
      this.#queues.set(stream, new Queue(this, () => this.#queues.delete(stream)))
      return undefined
    }
    if (queue.last.#waitsFor(this)) {
      this.#passed.push(stream)
      return undefined
    }
    this.#waits.add(queue)
    return new Promise((resolve) => {
      queue.join(this, () => {
        this.#waits.delete(queue)
        resolve()
      })
    })
  }

  /** Whether this unit can go on only after `unit` has. Who waits in a queue waits for the one before, and so for all before. */
  #waitsFor(unit: UnitTurns): boolean {
    const seen = new Set<UnitTurns>([this])
    for (const waiting of seen) {
      if (waiting === unit) return true
      for (const queue of waiting.waits) seen.add(queue.before(waiting))
    }
    return false
  }
}

interface Place {
  readonly unit: UnitTurns
  readonly begin: () => void
}

/** Units at one stream: the first has the turn, the others wait. */
class Queue {
  readonly #places: Place[]
  readonly #empty: () => void
  #late: NodeJS.Timeout | undefined

  constructor(unit: UnitTurns, empty: () => void) {
    this.#places = [{ unit, begin: () => {} }]
    this.#empty = empty
  }

  get holder(): UnitTurns {
    return this.#places[0]!.unit
  }

  get last(): UnitTurns {
    return this.#places.at(-1)!.unit
  }

  before(unit: UnitTurns): UnitTurns {
    return this.#places[this.#places.findIndex((place) => place.unit === unit) - 1]!.unit
  }

  join(unit: UnitTurns, begin: () => void): void {
    this.#places.push({ unit, begin })
    this.#late ??= setTimeout(() => this.#tooLong(), PATIENCE_MS)
  }

  /** Nothing, where the unit has no place. */
  leave(unit: UnitTurns): void {
    const index = this.#places.findIndex((place) => place.unit === unit)
    if (index === -1) return
    const [place] = this.#places.splice(index, 1)
    if (index === 0) this.#next()
    else place!.begin()
  }

  #next(): void {
    clearTimeout(this.#late)
    this.#late = this.#places.length > 1 ? setTimeout(() => this.#tooLong(), PATIENCE_MS) : undefined
    const [next] = this.#places
    if (next) next.begin()
    else this.#empty()
  }

  #tooLong(): void {
    // who waits elsewhere is not the one that takes long
    if (this.holder.waits.size > 0) this.#late = setTimeout(() => this.#tooLong(), PATIENCE_MS)
    else this.leave(this.holder)
  }
}
