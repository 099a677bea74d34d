import type { Duplex } from 'node:stream'
import type pg from 'pg'
import { BanyanError } from '../kernel/errors.ts'
import { isDirect, type PreparedNames } from '../store/prepared.ts'
import type { Sql } from '../store/sql.ts'

/** One function to run, and what its kind is known by. */
export interface Step {
  /** Steps of one kind are the same function. */
  readonly kind: object
  run(sql: Sql): unknown
}

/** Which functions have sent all their statements before the first answer so far, and which go on after an answer. */
export type Manners = WeakMap<object, 'at once' | 'one by one'>

/** A function sent a statement after a later one had sent some: nothing of the transaction may stay. */
export class Overtaken extends Error {}

/**
 * Runs functions in order on a connection inside a transaction. Their statements reach the server in the order in which they would if each
 * function waited for the one before, but on their way they overlap: a function whose kind has always sent all it has to send at once is
 * followed by the next without waiting for its answers. Throws what the first function that failed threw, after all have ended.
 *
 * That a function says more after an answer is known only when it does. Then `Overtaken` is thrown, and its kind is run one by one from
 * then on: roll back, and run the same again.
 */
export async function applyInOrder(client: pg.PoolClient, steps: readonly Step[], manners: Manners, names?: PreparedNames): Promise<void> {
  const known = (await isDirect(client)) ? names : undefined
  const wire = new Wire(client)
  const run = new ApplyRun(wire, manners, known)
  try {
    for (const step of steps) {
      if (run.stopped) break
      await run.start(step)
    }
    await run.end()
  } finally {
    wire.end()
  }
}

/** So many functions write to the socket together: few enough for the server to begin while more are being prepared. */
const TOGETHER = 16

/** A connection on which statements are sent before the answers to those before them, several in one write. */
class Wire {
  readonly client: pg.PoolClient
  readonly #stream: Duplex
  #held = 0

  constructor(client: pg.PoolClient) {
    this.client = client
    this.#stream = (client as unknown as { connection: { stream: Duplex } }).connection.stream
    Object.assign(client, { pipeline: true })
  }

  /** Holds back what is written from here on, until `flush`, but not for long. */
  hold(): void {
    if (this.#held++ === 0) this.#stream.cork()
    else if (this.#held > TOGETHER) this.flush()
  }

  flush(): void {
    if (this.#held > 0) this.#stream.uncork()
    this.#held = 0
  }

  end(): void {
    this.flush()
    Object.assign(this.client, { pipeline: false })
  }
}

class ApplyRun {
  /** Something has failed, so no more functions are to begin. */
  stopped = false
  readonly #wire: Wire
  readonly #manners: Manners
  readonly #names: PreparedNames | undefined
  readonly #started: Promise<unknown>[] = []
  /** The last function that has sent something. */
  #latest = -1
  #overtaken: object | undefined
  #over = false
  #fault: BanyanError | undefined

  constructor(wire: Wire, manners: Manners, names: PreparedNames | undefined) {
    this.#wire = wire
    this.#manners = manners
    this.#names = names
  }

  /** Resolves when the next one may begin. */
  async start(step: Step): Promise<void> {
    const known = this.#manners.get(step.kind)
    const seat = new Seat(this, { kind: step.kind, index: this.#started.length, alone: known !== 'at once' })
    if (seat.alone) this.flush()
    else this.#wire.hold()
    const ended = seat.run(step)
    this.#started.push(ended)
    // heard at once: it may fail long before all are waited for
    const heard = ended.catch(() => this.stop())
    if (seat.alone) await heard
    if (known === undefined) this.#manners.set(step.kind, seat.wentOn ? 'one by one' : 'at once')
    await seat.quiet()
  }

  send({ index, kind, alone }: Seat, text: string, values: unknown[] | undefined): Promise<pg.QueryResult> {
    const late = index < this.#latest
    // who was waited for until it had ended has no excuse
    if (this.#over || (late && alone)) throw this.#tooLate()
    if (late) this.#overtaken ??= kind
    if (this.#overtaken) {
      this.stop()
      throw new Overtaken('a later function has sent its statements already')
    }
    this.#latest = index
    const name = values && values.length > 0 ? this.#names?.of(text) : undefined
    return this.#wire.client.query(name === undefined ? { text, ...(values && { values }) } : { text, values: values!, name })
  }

  flush(): void {
    this.#wire.flush()
  }

  #tooLate(): BanyanError {
    this.stop()
    this.#fault = new BanyanError('invalid_transaction', 'a projection sent a statement after its function had returned; await every statement')
    return this.#fault
  }

  stop(): void {
    this.stopped = true
  }

  /** Waits for all, also where one has failed: none may go on when the connection is given back. */
  async end(): Promise<void> {
    this.#wire.flush()
    const results = await Promise.allSettled(this.#started)
    this.#over = true
    if (this.#overtaken) {
      this.#manners.set(this.#overtaken, 'one by one')
      throw new Overtaken('a function went on after an answer')
    }
    const failed = results.find((result) => result.status === 'rejected')
    if (failed) throw failed.reason
    if (this.#fault) throw this.#fault
  }
}

interface Place {
  readonly kind: object
  readonly index: number
  /** The next one begins when it has ended. */
  readonly alone: boolean
}

/** One function's access to the connection. */
class Seat implements Sql, Place {
  readonly kind: object
  readonly index: number
  readonly alone: boolean
  /** Whether it has sent something after the answer to something else. */
  wentOn = false
  readonly #run: ApplyRun
  readonly #begun = Promise.withResolvers<void>()
  #silent = true
  #answered = false

  constructor(run: ApplyRun, { kind, index, alone }: Place) {
    this.#run = run
    this.kind = kind
    this.index = index
    this.alone = alone
  }

  async run(step: Step): Promise<void> {
    try {
      await step.run(this)
    } finally {
      this.#begin()
    }
  }

  async query<Row extends object>(text: string, values?: unknown[]): Promise<{ rows: Row[]; rowCount: number | null }> {
    this.wentOn ||= this.#answered
    const answer = this.#run.send(this, text, values)
    this.#begin()
    try {
      return (await answer) as pg.QueryResult<Row & pg.QueryResultRow>
    } catch (error) {
      this.#run.stop()
      throw error
    } finally {
      this.#answered = true
    }
  }

  /** Resolves when it has sent something or has ended, and only what comes from outside can make it send more. */
  async quiet(): Promise<void> {
    await dueJobs()
    if (!this.#silent) return
    // what it waits for may be the answer to another's statement
    this.#run.flush()
    await this.#begun.promise
    await dueJobs()
  }

  #begin(): void {
    this.#silent = false
    this.#begun.resolve()
  }
}

/** Resolves after all promise jobs that are due, and those that they make due. */
function dueJobs(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve))
}
