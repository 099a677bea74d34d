import type { Duplex } from 'node:stream'
import { BanyanError, type Executed } from '../../kernel/errors.ts'
import type { AnyOperation } from '../../model/operation.ts'
import type { Envelope } from '../envelope.ts'
import { tooLarge } from '../http/body.ts'
import { fromProblem, RETRY_MS } from '../http/problem.ts'
import { markAnswered, markTurnedAway } from '../resilience/lost.ts'
import { readAnswer } from './answer-text.ts'
import { writeCall, type CallHead } from './call-text.ts'
import { Connection, type ConnectionLimits } from './connection.ts'
import { WireFault } from './frame-reader.ts'
import { Kind } from './frame.ts'
import { isLonger, readHello, type Hello } from './hello.ts'
import { NameWriter } from './names.ts'
import { Numbered } from './numbered.ts'
import { targetOf } from './targets.ts'

export interface CallerOptions {
  /** For messages: `http://sales.internal:3000`. */
  readonly origin: string
  readonly limits: ConnectionLimits
  /** A token to say the same with, where one was refused for its time only. */
  again(error: unknown, refused: string, who: Envelope): string | undefined
  /** What the other side says of itself. */
  greeted?(hello: Hello): void
  /** The connection is over. */
  ended(): void
}

/** One call. */
export interface Outgoing {
  readonly operation: AnyOperation
  /** What the wire calls it. */
  readonly target: string
  /** The peer token that speaks for the caller. */
  readonly token: string
  /** As JSON; empty: none. */
  readonly input: string
  readonly envelope: Envelope
  /** Whether it waits long for news: then it is not looked at again and again. */
  readonly patient?: boolean
}

class Waiting {
  readonly call: Outgoing
  readonly resolve: (output: unknown) => void
  readonly reject: (error: unknown) => void
  /** The batch that it leaves in. */
  batch = 0
  /** Whether it was sent once more, with another token. */
  again = false
  /** Of a patient call: stops what watches it. */
  release: (() => void) | undefined

  constructor(call: Outgoing, resolve: Waiting['resolve'], reject: Waiting['reject']) {
    this.call = call
    this.resolve = resolve
    this.reject = reject
  }
}

const SWEEP_MS = 10
/** Of an input, until the other side says how much it takes. */
const INPUT_BYTES = 16 * 1024 * 1024
const MOST_MS = 999_999_999

/** The side of a connection that calls. */
export class Caller {
  readonly #options: CallerOptions
  readonly #connection: Connection
  readonly #targets: NameWriter
  readonly #speakers: NameWriter
  readonly #waiting = new Numbered<Waiting>()
  #sweeper: NodeJS.Timeout | undefined
  #inputBytes = INPUT_BYTES
  /** Calls that are looked at every 10 ms. */
  #hurried = 0
  #leaving = false

  constructor(socket: Duplex, options: CallerOptions) {
    this.#options = options
    this.#connection = new Connection(socket, options.limits, {
      message: (kind, number, text) => this.#message(kind, number, text),
      closed: (reason) => this.#closed(reason),
    })
    const define = (number: number, text: string) => this.#connection.send(Kind.name, number, text)
    this.#targets = new NameWriter('t', define)
    this.#speakers = new NameWriter('s', define)
    this.#connection.send(Kind.hello, 0, JSON.stringify({ facts: true } satisfies Hello))
  }

  /** Whether it takes new calls. */
  get usable(): boolean {
    return !this.#leaving && this.#connection.open
  }

  /**
   * Sends a call and gives its output. Fails with what the other side answers, or `unavailable`, `deadline_exceeded`, `cancelled` or
   * `overloaded` of its own; deadline and cancellation are looked at every 10 ms, which costs nothing to the calls that are faster.
   */
  call(call: Outgoing): Promise<unknown> {
    const { limits, origin } = this.#options
    call.envelope.deadline.check(call.target)
    if (call.envelope.aborted) throw new BanyanError('cancelled', `${call.target}: the caller gave up before it was called`, { executed: 'no' })
    if (isLonger(call.input, this.#inputBytes)) throw tooLarge(this.#inputBytes)
    if (this.#connection.unsent > limits.unsentBytes)
      throw new BanyanError('overloaded', `${call.target}: ${this.#connection.unsent} bytes wait for ${origin} to take them`)
    return new Promise((resolve, reject) => this.#send(new Waiting(call, resolve, reject), call.token))
  }

  #send(waiting: Waiting, token: string): void {
    const { target, operation, envelope, input, patient } = waiting.call
    const keyed = operation.kind === 'command' // a query's key is of no use there, and costs a hash to make
    const head: CallHead = {
      target: this.#targets.number(target),
      speaker: this.#speakers.number(token),
      milliseconds: Math.min(MOST_MS, Math.max(1, Math.floor(envelope.deadline.left()))),
      traceparent: envelope.traceparent,
      causedBy: envelope.causedBy,
      correlation: envelope.correlation,
      causation: envelope.causation,
      key: keyed ? envelope.key : '',
      saidKey: (keyed && envelope.saidKey) || '',
      session: envelope.session.empty ? '' : String(envelope.session),
    }
    const text = writeCall(head, input)
    waiting.batch = this.#connection.batch
    const number = this.#waiting.add(waiting)
    this.#connection.send(Kind.call, number, text)
    if (patient) waiting.release = this.#attend(number, envelope)
    else {
      this.#hurried++
      this.#sweeper ??= setInterval(() => this.#sweep(), SWEEP_MS).unref()
    }
  }

  /** Takes no more calls, and ends the connection once those under way are answered. */
  leave(): void {
    this.#leaving = true
    this.#leaveIfDone()
  }

  /** Ends the connection now: calls under way fail as `unavailable`. */
  cut(reason: string): void {
    this.#connection.cut(reason)
  }

  #message(kind: Kind, number: number, text: string): void {
    if (kind === Kind.answer || kind === Kind.failure) this.#answer(kind, number, text)
    else if (kind === Kind.leaving) this.leave()
    else if (kind === Kind.hello) this.#greeted(readHello(text))
    else throw new WireFault(`a message of kind ${kind}, which only callers send`)
  }

  #greeted(hello: Hello): void {
    this.#inputBytes = hello.inputBytes ?? this.#inputBytes
    this.#options.greeted?.(hello)
  }

  #answer(kind: Kind, number: number, text: string): void {
    const waiting = this.#take(number)
    if (!waiting) return // given up meanwhile
    const { call, resolve, reject } = waiting
    try {
      if (kind === Kind.answer) resolve(readAnswer(text, call.envelope))
      else this.#failed(waiting, problem(text, call.operation))
    } catch (error) {
      const why = `${targetOf(call.operation)} was answered by ${this.#options.origin} with something that is no answer`
      reject(new BanyanError('unavailable', why, { executed: 'maybe', cause: error }))
    }
    this.#leaveIfDone()
  }

  #failed(waiting: Waiting, error: Error): void {
    const { token, envelope } = waiting.call
    const another = this.usable && !waiting.again ? this.#options.again(error, token, envelope) : undefined
    if (another === undefined) return waiting.reject(error)
    waiting.again = true
    this.#send(waiting, another)
  }

  #take(number: number): Waiting | undefined {
    const waiting = this.#waiting.take(number)
    if (!waiting) return undefined
    if (waiting.release) waiting.release()
    else this.#hurried--
    return waiting
  }

  #sweep(): void {
    const now = performance.now()
    for (const [number, { call, release }] of this.#waiting) {
      const { envelope } = call
      if (release) continue
      if (envelope.deadline.at <= now) this.#giveUp(number, 'deadline_exceeded')
      else if (envelope.aborted) this.#giveUp(number, 'cancelled')
    }
    if (this.#hurried > 0) return
    clearInterval(this.#sweeper)
    this.#sweeper = undefined
  }

  /** Watches a patient call by itself. */
  #attend(number: number, { deadline, signal }: Envelope): () => void {
    const timer = setTimeout(() => this.#giveUp(number, 'deadline_exceeded'), deadline.left())
    const cancel = () => this.#giveUp(number, 'cancelled')
    signal.addEventListener('abort', cancel, { once: true })
    return () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', cancel)
    }
  }

  #giveUp(number: number, code: 'deadline_exceeded' | 'cancelled'): void {
    const waiting = this.#take(number)
    if (!waiting) return
    const why = code === 'cancelled' ? 'the caller gave up' : `${this.#options.origin} gave no answer in the time allowed`
    waiting.reject(new BanyanError(code, `${targetOf(waiting.call.operation)}: ${why}`, { executed: this.#executed(waiting) }))
    this.#connection.send(Kind.cancel, number, '')
    this.#leaveIfDone()
  }

  #leaveIfDone(): void {
    if (this.#leaving && this.#waiting.size === 0) this.#connection.end()
  }

  /** Whether the other side may know of a call that it has not answered. */
  #executed({ batch }: Waiting): Executed {
    return batch < this.#connection.batch ? 'maybe' : 'no'
  }

  #closed(reason = 'the connection was closed'): void {
    this.#leaving = true
    for (const [number, waiting] of this.#waiting) {
      this.#take(number)
      const why = `${targetOf(waiting.call.operation)}: ${this.#options.origin} cannot be reached: ${reason}`
      waiting.reject(new BanyanError('unavailable', why, { executed: this.#executed(waiting) }))
    }
    clearInterval(this.#sweeper)
    this.#sweeper = undefined
    this.#options.ended()
  }
}

function problem(text: string, operation: AnyOperation): Error {
  const value = JSON.parse(text) as { status?: unknown; turnedAway?: unknown }
  const status = Number(value.status)
  const error = fromProblem(value, status, operation, status === 503 ? { retryAfterMs: RETRY_MS } : {})
  markAnswered(error)
  if (value.turnedAway === true) markTurnedAway(error)
  return error
}
