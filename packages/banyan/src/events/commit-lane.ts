import type pg from 'pg'
import { BanyanError, messageOf } from '../kernel/errors.ts'
import { isConnectionFailure, sqlError, sqlState } from '../store/sql-errors.ts'
import { commitUnits } from './commit.ts'
import { CommitQueue, type Waiting } from './commit-queue.ts'
import { canRepeat, findCommitted } from './lost-units.ts'
import type { Outcome } from './unit.ts'

export interface CommitLaneOptions {
  readonly connect: () => Promise<pg.Client>
  readonly depth: number
  readonly maxBatch: number
  readonly maxBatchBytes: number
  readonly resolveMs: number
}

/** How often a batch that lost a serialisation conflict or deadlock is sent again as it is. */
const REPEATS = 3

/** One connection of a committer and what waits for it. */
export class CommitLane implements AsyncDisposable {
  readonly #options: CommitLaneOptions
  readonly #queue = new CommitQueue()
  #client: Promise<pg.Client> | undefined
  #inFlight = 0
  #scheduled = false
  #lost: Waiting[] = []
  #idle: (() => void)[] = []

  constructor(options: CommitLaneOptions) {
    this.#options = options
  }

  get queued(): number {
    return this.#queue.length
  }

  add(waiting: Waiting): void {
    this.#queue.add(waiting)
    this.#schedule()
  }

  /** Commits what waits, then closes the connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    while (this.#inFlight > 0 || this.#queue.length > 0 || this.#lost.length > 0) await new Promise<void>((resolve) => this.#idle.push(resolve))
    await (await this.#client?.catch(() => undefined))?.end()
  }

  /** At the end of this turn of the event loop, so that what one answer sets off goes together. */
  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#pump()
    })
  }

  #pump(): void {
    const { depth, maxBatch, maxBatchBytes } = this.#options
    // while units are lost, what comes later waits: it may build on them
    while (this.#inFlight < depth && this.#queue.length > 0 && this.#lost.length === 0) {
      // when all slots are free the queue is shared among them, so that one is prepared while another is committed
      const share = this.#inFlight === 0 && this.#queue.length >= 64 ? Math.ceil(this.#queue.length / depth) : this.#queue.length
      this.#inFlight++
      void this.#send(this.#queue.take(Math.min(share, maxBatch), maxBatchBytes))
    }
    if (this.#inFlight === 0 && this.#queue.length === 0 && this.#lost.length === 0) for (const resolve of this.#idle.splice(0)) resolve()
  }

  async #send(batch: readonly Waiting[]): Promise<void> {
    try {
      const outcomes = await this.#commit(batch, REPEATS)
      batch.forEach((waiting, index) => waiting.settle(outcomes[index]!))
    } catch (error) {
      if (isConnectionFailure(error)) this.#lost.push(...batch)
      else for (const waiting of batch) waiting.fail(sqlError(error))
    } finally {
      this.#inFlight--
      this.#schedule()
    }
  }

  async #commit(batch: readonly Waiting[], repeats: number): Promise<Outcome[]> {
    this.#client ??= this.#options.connect().then((client) => Object.assign(client, { pipeline: this.#options.depth > 1 }))
    const client = await this.#client
    return commitUnits(client, batch.map((waiting) => waiting.unit), 'binary')
  }
}
