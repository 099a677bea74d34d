import { Readable } from 'node:stream'
import { Deadline } from '../kernel/deadline.ts'
import { BanyanError, type Executed } from '../kernel/errors.ts'
import type { Endpoint } from '../network/balance/endpoint.ts'
import { backoff } from '../network/resilience/backoff.ts'
import type { AnswerReceiver, Call, Flow } from './http1/call.ts'
import { ExchangeFault } from './http1/fault.ts'
import type { ClientRequest } from './http1/request-head.ts'
import { faultOf } from './target-faults.ts'
import { Upload } from './upload.ts'
import { outcomeOfFailure, outcomeOfStatus, type Attempt, type UpstreamWay } from './upstream-way.ts'

/** A request as it goes to the upstream. */
export interface Outgoing extends ClientRequest {
  /** The address of who asks. */
  readonly client: string
}

/** Takes an answer as it comes: fields are names in lower case and values in turn. After `fail` or `end` nothing more is told. */
export interface AnswerSink {
  /** An answer before the answer: 103 Early Hints. */
  informed(status: number, fields: string[]): void
  begin(status: number, fields: string[], flow: Flow): void
  data(chunk: Buffer, flow: Flow): void
  end(trailers: string[]): void
  /** Before `begin`: there is no answer; after it: the rest will not come. */
  fail(error: BanyanError): void
}

/** Those whose repetition changes nothing (RFC 9110 §9.2.2). */
const repeatable: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'])
const none: readonly Endpoint[] = []
const gone = new BanyanError('cancelled', 'the client closed the connection before the answer', { executed: 'maybe' })

/**
 * One request on its way to an upstream, and its answer on the way back. What is lost before the answer begins goes to another target, within
 * attempts and budget: where nothing was sent, or where the method may be repeated and the body can be sent again. Never after that.
 */
export class Hop implements AnswerReceiver {
  readonly #way: UpstreamWay
  readonly #outgoing: Outgoing
  readonly #sink: AnswerSink
  #attempt: Attempt | undefined
  #call: Call | undefined
  #number = 1
  #tried: readonly Endpoint[] = none
  #heard = false
  #over = false
  #waiting: AbortController | undefined
  /** Since when it has a place. */
  #placedAt: number | undefined

  constructor(way: UpstreamWay, outgoing: Outgoing, sink: AnswerSink) {
    this.#way = way
    this.#outgoing = outgoing
    this.#sink = sink
  }

  start(): void {
    try {
      const place = this.#way.places?.enter(this)
      if (place === undefined) return this.#placed()
      place.then(
        () => this.#placed(),
        (error: unknown) => this.#over || this.#end(error as BanyanError),
      )
    } catch (error) {
      this.#end(error as BanyanError)
    }
  }

  /** Aborts when nobody waits any more for it to get a place. */
  get signal(): AbortSignal {
    this.#waiting ??= new AbortController()
    return this.#waiting.signal
  }

  #placed(): void {
    const at = performance.now()
    this.#placedAt = at
    if (this.#over) return this.#leave()
    this.#way.budget.deposit(at)
    this.#send(at)
  }

  /** Nobody waits for the answer any more. */
  abandon(error: BanyanError = gone): void {
    if (this.#over) return
    this.#finish(error, 'abandoned')
    this.#call?.abort()
  }

  informed(status: number, fields: string[]): void {
    this.#sink.informed(status, fields)
  }

  begin(status: number, fields: string[]): void {
    this.#heard = true
    this.#way.heard(this.#attempt!, outcomeOfStatus(status), performance.now())
    this.#sink.begin(status, fields, this.#call!)
  }

  data(chunk: Buffer): void {
    this.#sink.data(chunk, this.#call!)
  }

  end(trailers: string[]): void {
    this.#over = true
    this.#way.release(this.#attempt!, false)
    this.#leave()
    this.#sink.end(trailers)
  }

  fail(cause: Error): void {
    const error = this.#errorOf(cause)
    if (this.#heard || !this.#mayRepeat(error)) return this.#finish(error, outcomeOfFailure(error), cause)
    this.#way.failed(this.#attempt!, outcomeOfFailure(error), performance.now(), cause)
    void this.#again(error)
  }

  #send(at: number): void {
    try {
      this.#attempt = this.#way.begin(at, { key: this.#outgoing.client, tried: this.#tried })
    } catch (error) {
      return this.#end(error as BanyanError)
    }
    const { pool, prefix } = this.#attempt.peer.connection
    this.#call = undefined
    try {
      this.#call = pool.send(prefix === '' ? this.#outgoing : { ...this.#outgoing, target: prefix + this.#outgoing.target }, this)
    } catch (error) {
      this.fail(error as Error)
    }
  }

  async #again(error: BanyanError): Promise<void> {
    this.#tried = [...this.#tried, this.#attempt!.peer.endpoint]
    this.#attempt = undefined
    const inTime = await backoff(this.#number++, { deadline: Deadline.in(this.#outgoing.timeoutMs) })
    if (this.#over) return
    if (inTime) this.#send(performance.now())
    else this.#end(error)
  }

  #mayRepeat(error: BanyanError): boolean {
    const { method, body } = this.#outgoing
    const untouched = !(body instanceof Readable) || (body instanceof Upload && !body.begun && !body.destroyed)
    const lost = error.code !== 'internal' && (error.executed === 'no' || (repeatable.has(method) && error.code === 'unavailable'))
    return lost && untouched && this.#number < this.#way.upstream.attempts && this.#way.budget.withdraw()
  }

  #errorOf(cause: Error): BanyanError {
    // what befell the body is the client's doing
    const { body } = this.#outgoing
    if (body instanceof Readable && BanyanError.is(body.errored)) return body.errored
    if (BanyanError.is(cause)) return cause
    const executed: Executed = this.#call?.sent === true ? 'maybe' : 'no'
    const code = cause instanceof ExchangeFault ? cause.code : undefined
    // clients are told this, so it has no address
    const late = code === 'ANSWER_TIMEOUT'
    const what = late ? `no answer in ${this.#outgoing.timeoutMs} ms` : faultOf(this.#attempt!.peer.connection.origin, cause)
    const own = code === 'UNSENDABLE' || code === 'BODY_LENGTH'
    return new BanyanError(late ? 'deadline_exceeded' : own ? 'internal' : 'unavailable', `upstream '${this.#way.name}': ${what}`, { executed, cause })
  }

  #finish(error: BanyanError, outcome: ReturnType<typeof outcomeOfFailure>, cause?: Error): void {
    const attempt = this.#attempt
    if (attempt && this.#heard) this.#way.release(attempt, outcome === 'failure')
    else if (attempt) this.#way.failed(attempt, outcome, performance.now(), cause)
    this.#end(error)
  }

  #leave(): void {
    if (this.#placedAt !== undefined) this.#way.places?.leave(performance.now() - this.#placedAt)
    this.#placedAt = undefined
  }

  #end(error: BanyanError): void {
    this.#over = true
    this.#waiting?.abort()
    this.#leave()
    this.#sink.fail(error)
  }
}
