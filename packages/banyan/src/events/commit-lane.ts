import type pg from 'pg'
import type { Clock } from '../kernel/clock.ts'
import { messageOf } from '../kernel/errors.ts'
import { isConnectionFailure, sqlError } from '../store/sql-errors.ts'
import { fullJitter } from '../kernel/backoff.ts'
import { commitEach } from './commit-each.ts'
import { commitConnection, type CommitConnection } from './commit-connection.ts'
import { CommitQueue, type Waiting } from './commit-queue.ts'
import { outcomeUnknown, settleLost } from './lost-units.ts'

export interface CommitLaneOptions {
  readonly connect: () => Promise<pg.Client>
  readonly clock: Clock
  readonly depth: number
  readonly maxBatch: number
  readonly maxBatchBytes: number
  readonly answerMs: number
  readonly reachMs: number
  readonly resolveMs: number
}

/** From how many on a queue is shared among the free slots of a connection. */
const WORTH_SHARING = 64

const RECONNECT = { baseMs: 20, capMs: 500 }

/** One connection of a committer, and the units that wait for it. */
export class CommitLane implements AsyncDisposable {
  readonly #options: CommitLaneOptions
  readonly #queue = new CommitQueue()
  #connection: Promise<CommitConnection> | undefined
  #inFlight = 0
  #scheduled = false
  #lost: Waiting[] = []
  #recovering: Promise<void> | undefined
  #whenIdle: (() => void)[] = []

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
    while (this.#busy()) await new Promise<void>((resolve) => this.#whenIdle.push(resolve))
    const connection = await this.#connection?.catch(() => undefined)
    await connection?.client.end()
  }

  #busy(): boolean {
    return this.#inFlight > 0 || this.#queue.length > 0 || this.#lost.length > 0 || this.#recovering !== undefined
  }

  /** At the end of this turn of the event loop, so that all that one answer sets off goes together. */
  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#pump()
    })
  }

  #pump(): void {
    // what was lost comes first: what waits may build on it
    if (this.#lost.length > 0 && this.#inFlight === 0) this.#recovering ??= this.#recover()
    const { depth, maxBatch, maxBatchBytes } = this.#options
    while (this.#inFlight < depth && this.#queue.length > 0 && this.#lost.length === 0 && !this.#recovering) {
      // with all slots free each gets a part, so that one batch is prepared while another is committed
      const part = this.#inFlight === 0 && this.#queue.length >= WORTH_SHARING ? Math.ceil(this.#queue.length / depth) : this.#queue.length
      void this.#send(this.#queue.take(Math.min(part, maxBatch), maxBatchBytes))
    }
    if (!this.#busy()) for (const resolve of this.#whenIdle.splice(0)) resolve()
  }

  async #send(batch: readonly Waiting[]): Promise<void> {
    this.#inFlight++
    try {
      const connection = await this.#connect()
      this.#drop(connection, await commitEach(connection, batch, this.#options.answerMs))
    } catch (error) {
      for (const waiting of batch) waiting.fail(sqlError(error))
    } finally {
      this.#inFlight--
      this.#schedule()
    }
  }

  /** Their connection broke while they were under way. */
  #drop({ client }: CommitConnection, lost: readonly Waiting[]): void {
    if (lost.length === 0) return
    this.#connection = undefined
    // usually gone already; then this says so
    client.end().catch(() => {})
    const now = this.#options.clock.monotonic()
    for (const waiting of lost) waiting.lostAt ??= now
    this.#lost.push(...lost)
  }

  async #recover(): Promise<void> {
    const { clock, answerMs, maxBatch } = this.#options
    for (let failures = 1; this.#lost.length > 0; failures++) {
      const lost = this.#lost.splice(0)
      try {
        const connection = await this.#connect()
        this.#drop(connection, await settleLost(connection, lost, { answerMs, maxBatch }))
        this.#giveUp('the database did not answer in time')
      } catch (error) {
        // who was never sent is told at once, and may be tried elsewhere
        for (const waiting of this.#queue.takeAll()) waiting.fail(sqlError(error))
        this.#lost.push(...lost)
        this.#giveUp(`the database could not be reached: ${messageOf(error)}`, error)
      }
      if (this.#lost.length > 0) await clock.wait(fullJitter(RECONNECT, failures))
    }
    this.#recovering = undefined
    this.#schedule()
  }

  /** Ends the asking for those who have been lost for too long. */
  #giveUp(why: string, cause?: unknown): void {
    const { clock, resolveMs } = this.#options
    const since = clock.monotonic() - resolveMs
    this.#lost = this.#lost.filter((waiting) => {
      if (waiting.lostAt! > since) return true
      waiting.fail(outcomeUnknown(why, cause))
      return false
    })
  }

  async #connect(): Promise<CommitConnection> {
    const connecting = (this.#connection ??= this.#open())
    try {
      return await connecting
    } catch (error) {
      if (this.#connection === connecting) this.#connection = undefined
      throw error
    }
  }

  /** Tries for a while, since a server that is restarted, or a standby that takes over, is soon there. */
  async #open(): Promise<CommitConnection> {
    const { clock, reachMs, depth } = this.#options
    const until = clock.monotonic() + reachMs
    for (let failures = 1; ; failures++) {
      try {
        return this.#watched(await commitConnection(await this.#options.connect(), depth > 1))
      } catch (error) {
        if (!isConnectionFailure(error) || clock.monotonic() >= until) throw error
        await clock.wait(fullJitter(RECONNECT, failures))
      }
    }
  }

  #watched(connection: CommitConnection): CommitConnection {
    const opened = this.#connection
    connection.client.once('end', () => {
      if (this.#connection === opened) this.#connection = undefined
    })
    return connection
  }
}
