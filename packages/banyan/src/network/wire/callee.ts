import type { Duplex } from 'node:stream'
import { BanyanError } from '../../kernel/errors.ts'
import type { AnyOperation } from '../../model/operation.ts'
import type { Log } from '../../model/context.ts'
import { traceIdOf } from '../../observe/trace.ts'
import { parseJsonText } from '../http/json-body.ts'
import type { PeerSurface } from '../http/options.ts'
import { logFailure } from '../http/problem-reply.ts'
import { toProblem } from '../http/problem.ts'
import { writeAnswer } from './answer-text.ts'
import { isLonger, readHello, type Hello } from './hello.ts'
import { CalledEnvelope } from './called-envelope.ts'
import { ReadCall } from './call-text.ts'
import { Connection, type ConnectionLimits } from './connection.ts'
import { WireFault } from './frame-reader.ts'
import { Kind } from './frame.ts'
import { NameReader } from './names.ts'
import type { Target } from './targets.ts'

/** Places for calls being answered, over all connections. */
export interface Places {
  readonly limit: number
  taken: number
}

export interface CalleeOptions {
  readonly limits: ConnectionLimits
  readonly places: Places
  readonly target: (name: string) => Target
  readonly verify: PeerSurface['verify']
  /** What this side says of itself. */
  readonly hello: Hello
  readonly log: Log
  /** The connection is over. */
  ended(callee: Callee): void
}

type Speaker = Awaited<ReturnType<PeerSurface['verify']>>

/** The side of a connection that is called. */
export class Callee {
  readonly #options: CalleeOptions
  readonly #connection: Connection
  readonly #names = new NameReader()
  readonly #calls = new Map<number, CalledEnvelope>()
  /** Whether the other side takes word of where a cached answer came from. */
  #takesFacts = false
  #leaving = false

  constructor(socket: Duplex, options: CalleeOptions) {
    this.#options = options
    this.#connection = new Connection(socket, options.limits, {
      message: (kind, number, text) => this.#message(kind, number, text),
      closed: (reason) => this.#closed(reason),
    })
    this.#connection.send(Kind.hello, 0, JSON.stringify(options.hello))
  }

  /** Asks the caller to end the connection once it has its answers; who only waits for news is let go at once. */
  leave(): void {
    this.#leaving = true
    this.#connection.send(Kind.leaving, 0, '')
    for (const envelope of this.#calls.values()) if (envelope.waits) envelope.abort(leaving())
  }

  /** Ends the connection now. */
  cut(): void {
    this.#connection.cut('this process is shutting down and could wait no longer')
  }

  #message(kind: Kind, number: number, text: string): void {
    if (kind === Kind.call) this.#call(number, text)
    else if (kind === Kind.name) this.#names.define(number, text)
    else if (kind === Kind.cancel) this.#calls.get(number)?.abort(new BanyanError('cancelled', 'the caller gave up', { executed: 'maybe' }))
    else if (kind === Kind.hello) this.#takesFacts = readHello(text).facts === true
    else throw new WireFault(`a message of kind ${kind}, which a caller does not send`)
  }

  #call(number: number, text: string): void {
    if (this.#calls.has(number)) throw new WireFault(`two calls with the number ${number} at once`)
    const call = new ReadCall(text)
    const name = this.#names.text('t', call.target)
    let operation: AnyOperation | undefined
    try {
      const target = this.#options.target(name)
      ;({ operation } = target)
      const speaker = this.#options.verify(this.#names.text('s', call.speaker))
      if (speaker instanceof Promise)
        void speaker.then((who) => this.#begin(number, call, target, who)).catch((error) => this.#fail(number, error, { operation }))
      else this.#begin(number, call, target, speaker)
    } catch (error) {
      if (error instanceof WireFault) throw error
      this.#fail(number, error, { operation })
    }
  }

  #begin(number: number, call: ReadCall, target: Target, speaker: Speaker): void {
    const { places } = this.#options
    if (!target.waits) {
      if (places.taken >= places.limit) throw full(places)
      places.taken++
    }
    const envelope = new CalledEnvelope(call, speaker, target.waits)
    this.#calls.set(number, envelope)
    if (target.waits && this.#leaving) envelope.abort(leaving())
    void this.#answer(number, call.input, target, envelope)
  }

  async #answer(number: number, input: string, target: Target, envelope: CalledEnvelope): Promise<void> {
    try {
      const output = await target.answer(input === '' ? undefined : parseJsonText(input), envelope)
      const json = output === undefined || (target.operation && target.operation.facts.output === undefined) ? '' : JSON.stringify(output)
      if (isLonger(json, this.#options.limits.answerBytes))
        throw new BanyanError('unavailable', `the answer has more than ${this.#options.limits.answerBytes} bytes; ask for less at a time`, {
          executed: 'maybe',
        })
      this.#connection.send(Kind.answer, number, writeAnswer(envelope.written, json, this.#takesFacts ? envelope.facts : undefined))
    } catch (error) {
      this.#fail(number, error, { operation: target.operation, envelope })
    } finally {
      this.#calls.delete(number)
      if (!target.waits) this.#options.places.taken--
    }
  }

  #fail(number: number, error: unknown, { operation, envelope }: { operation: AnyOperation | undefined; envelope?: CalledEnvelope }): void {
    const traceparent = envelope?.traceparent
    const problem = toProblem(error, { to: 'peer', operation, ...(traceparent === undefined ? {} : { traceId: traceIdOf(traceparent) }) })
    if (envelope)
      logFailure(
        error,
        problem.status,
        { traceparent: envelope.traceparent, aborted: envelope.aborted, endpoint: { to: 'peer', operation } },
        this.#options.log,
      )
    this.#connection.send(Kind.failure, number, JSON.stringify(atDoor.has(error as object) ? { ...problem, turnedAway: true } : problem))
  }

  #closed(reason: string | undefined): void {
    if (reason !== undefined && !this.#leaving) this.#options.log.warn('a connection of another unit was cut', { reason, calls: this.#calls.size })
    const gone = new BanyanError('cancelled', 'the caller closed the connection before the answer', { executed: 'maybe' })
    for (const envelope of this.#calls.values()) envelope.abort(gone)
    this.#options.ended(this)
  }
}

/** Refusals of this door: what a call made from here was told at another's is not among them. */
const atDoor = new WeakSet<object>()

function full({ limit }: Places): BanyanError {
  const error = new BanyanError('overloaded', `${limit} calls are being answered here already; try again in a moment`)
  atDoor.add(error)
  return error
}

function leaving(): BanyanError {
  return new BanyanError('draining', 'this process is shutting down')
}
