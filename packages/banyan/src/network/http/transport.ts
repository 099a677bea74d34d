import type { IncomingHttpHeaders } from 'node:http'
import type { Dispatcher, Pool } from 'undici'
import type { Deadline } from '../../kernel/deadline.ts'
import { BanyanError, type Executed } from '../../kernel/errors.ts'
import { callingTls, type TlsOptions } from '../../security/tls.ts'
import { unreachable } from '../unreachable.ts'

/** One attempt at a request. */
export interface Attempt {
  /** What is called, for messages: `orders.place`. */
  readonly name: string
  readonly method: Dispatcher.HttpMethod
  readonly path: string
  /** Names and values in turn. */
  readonly headers: string[]
  readonly body: string | undefined
  readonly deadline: Deadline
  readonly signal: AbortSignal | undefined
}
export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

export interface TransportOptions {
  /** Connections kept to the origin at most; 64 unless said. */
  readonly connections?: number
  /** Milliseconds for a connection to be made; 2,000 unless said. */
  readonly connectMs?: number
  /** What an https origin is told and trusted by; the system's authorities unless said. */
  readonly tls?: TlsOptions
}

const MAX_ANSWER_BYTES = 64 * 1024 * 1024

/** Connections to one origin. One request at a time on each: a slow answer must not hold up those behind it. */
export class Transport implements AsyncDisposable {
  readonly #pool: Promise<Pool>
  readonly #origin: string

  constructor(origin: string, { connections = 64, connectMs = 2_000, tls }: TransportOptions = {}) {
    this.#origin = origin
    // deadlines bound the wait, so undici's own timeouts are off
    this.#pool = poolOf(origin, { connections, pipelining: 1, headersTimeout: 0, bodyTimeout: 0, connect: { ...callingTls(tls), timeout: connectMs } })
  }

  /**
   * Sends a request once. Throws `unavailable` when no whole answer comes, `deadline_exceeded` or `cancelled` when it is given up; each says
   * whether the request may have been executed: `'no'` until its first byte is written.
   */
  send(attempt: Attempt): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const handler = new AnswerHandler(attempt, this.#origin, resolve, reject)
      const { method, path, headers } = attempt
      this.#pool.then((pool) => pool.dispatch({ method, path, headers, body: attempt.body ?? null }, handler)).catch(reject)
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#pool).destroy()
  }
}

/** Loads undici when the first connection of the process is wanted: a unit that has all services itself starts a tenth faster without it. */
async function poolOf(origin: string, options: Pool.Options): Promise<Pool> {
  const { Pool } = await import('undici')
  return new Pool(origin, options)
}

class AnswerHandler implements Dispatcher.DispatchHandler {
  readonly #attempt: Attempt
  readonly #origin: string
  readonly #resolve: (answer: Answer) => void
  readonly #reject: (error: BanyanError) => void
  readonly #timer: NodeJS.Timeout
  readonly #cancel: () => void
  readonly #chunks: Buffer[] = []
  #controller: Dispatcher.DispatchController | undefined
  #status = 0
  #headers: IncomingHttpHeaders = {}
  #length = 0
  #settled = false

  constructor(attempt: Attempt, origin: string, resolve: (answer: Answer) => void, reject: (error: BanyanError) => void) {
    this.#attempt = attempt
    this.#origin = origin
    this.#resolve = resolve
    this.#reject = reject
    this.#cancel = () => this.#giveUp('cancelled', 'the caller gave up')
    this.#timer = setTimeout(
      () => this.#giveUp('deadline_exceeded', `${origin} gave no answer in the time allowed`),
      Math.min(attempt.deadline.left(), 2 ** 31 - 1),
    )
    attempt.signal?.addEventListener('abort', this.#cancel, { once: true })
    if (attempt.signal?.aborted) this.#cancel()
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#settled) controller.abort(new Error('given up before it was sent'))
    else this.#controller = controller
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    this.#status = status
    this.#headers = headers
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#length += chunk.length
    this.#chunks.push(chunk)
    if (this.#length > MAX_ANSWER_BYTES) this.#giveUp('unavailable', `${this.#origin} answered more than ${MAX_ANSWER_BYTES} bytes`)
  }

  onResponseEnd(): void {
    if (!this.#settle()) return
    const [first] = this.#chunks
    this.#resolve({ status: this.#status, headers: this.#headers, body: this.#chunks.length === 1 ? first! : Buffer.concat(this.#chunks) })
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#fail('unavailable', unreachable(this.#origin, error), error)
  }

  #giveUp(code: 'cancelled' | 'deadline_exceeded' | 'unavailable', why: string): void {
    this.#fail(code, why, undefined)
    this.#controller?.abort(new Error(why))
  }

  #fail(code: 'cancelled' | 'deadline_exceeded' | 'unavailable', why: string, cause: unknown): void {
    if (!this.#settle()) return
    const executed: Executed = this.#controller === undefined ? 'no' : 'maybe'
    this.#reject(new BanyanError(code, `${this.#attempt.name}: ${why}`, { executed, cause }))
  }

  #settle(): boolean {
    if (this.#settled) return false
    this.#settled = true
    clearTimeout(this.#timer)
    this.#attempt.signal?.removeEventListener('abort', this.#cancel)
    return true
  }
}
