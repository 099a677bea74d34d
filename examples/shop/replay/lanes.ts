export interface LanesOptions {
  /** How much is done at once. */
  readonly atOnce: number
  /** How much may wait behind others of its lane, so that one slow lane neither stops the rest nor lets the memory grow. */
  readonly waiting: number
  /** Ends it early: nothing new is begun, and what has begun is finished. */
  readonly stop: AbortSignal
}

/** Does tasks one after the other within a lane, and side by side across lanes. Throws the first failure, after what has begun is finished. */
export async function inLanes<T extends { readonly lane: string }>(
  tasks: AsyncIterable<T>,
  { atOnce, waiting, stop }: LanesOptions,
  work: (task: T) => Promise<void>,
): Promise<void> {
  const [places, desks] = [new Places(atOnce + waiting), new Places(atOnce)]
  const tails = new Map<string, Promise<void>>()
  const failures: unknown[] = []
  const ended = () => stop.aborted || failures.length > 0
  const turn = async (task: T, before: Promise<void> | undefined): Promise<void> => {
    await before
    if (ended()) return
    await desks.take()
    try {
      if (!ended()) await work(task)
    } catch (error) {
      failures.push(error)
    } finally {
      desks.giveBack()
    }
  }
  for await (const task of tasks) {
    if (ended()) break
    await places.take()
    const done = turn(task, tails.get(task.lane)).finally(() => {
      places.giveBack()
      if (tails.get(task.lane) === done) tails.delete(task.lane)
    })
    tails.set(task.lane, done)
  }
  await Promise.all(tails.values())
  if (failures.length > 0) throw failures[0]
}

/** So many places; who finds none waits, first come, first served. */
class Places {
  #free: number
  readonly #queue: (() => void)[] = []

  constructor(count: number) {
    this.#free = count
  }

  async take(): Promise<void> {
    if (this.#free > 0) this.#free--
    else await new Promise<void>((resolve) => this.#queue.push(resolve))
  }

  giveBack(): void {
    const next = this.#queue.shift()
    if (next) next()
    else this.#free++
  }
}
