import type { Duplex } from 'node:stream'
import { beforeDeadline, type Deadline } from '../../kernel/deadline.ts'
import { BanyanError } from '../../kernel/errors.ts'
import type { Log } from '../../model/context.ts'
import type { AnyOperation } from '../../model/operation.ts'
import { anonymousIdentity } from '../../security/identity.ts'
import type { Envelope } from '../envelope.ts'
import { feedCall } from '../feed-call.ts'
import { originOf, remoteUnit, type RemoteUnit, type RemoteUnitOptions } from '../http/client.ts'
import { Caller, type Outgoing } from './caller.ts'
import { defaultLimits, type ConnectionLimits } from './connection.ts'
import { dial } from './handshake.ts'
import { differences, type Prints } from './prints.ts'
import { feedTarget, targetOf } from './targets.ts'

export interface WireUnitOptions extends Pick<RemoteUnitOptions, 'origin' | 'voice' | 'tls'> {
  readonly log: Log
  readonly limits?: Partial<ConnectionLimits>
  /** What is called there: where the other side's contracts differ, it is logged. */
  readonly contracts?: Prints
  /** Milliseconds for a connection to be made; 2,000 unless said. */
  readonly connectMs?: number
  /** Milliseconds after which a connection is replaced, or a tenth less; 1,800,000 unless said. */
  readonly maxAgeMs?: number
  /** How a connection is made; over the network unless said. */
  readonly dial?: typeof dial
}

/** How long a unit that does not speak the wire is not asked again. */
const HTTP_MS = 60_000
/** Who asks for the connection itself. */
const nobody = { caller: undefined, identity: anonymousIdentity }

/**
 * The way to one instance of another unit over the wire: one connection for all calls and feeds, made when first wanted and again when it
 * is lost, or old. Where the other side, or something before it, does not speak the wire, the same goes over HTTP. Nothing is repeated here.
 * Throws `invalid_configuration` for an address that is none.
 */
export function wireUnit(options: WireUnitOptions): RemoteUnit {
  return new WireUnit(options)
}

/** What a call goes over. */
type Line = Caller | RemoteUnit

class WireUnit implements RemoteUnit {
  readonly #options: WireUnitOptions
  readonly #origin: string
  readonly #limits: ConnectionLimits
  readonly #callers = new Set<Caller>()
  /** The one that takes new calls. */
  #caller: Caller | undefined
  #retireAt = 0
  #opening: Promise<Line> | undefined
  #http: RemoteUnit | undefined
  #httpUntil = 0
  /** The differences that were logged. */
  #told: string | undefined
  #disposed = false

  constructor(options: WireUnitOptions) {
    this.#options = options
    this.#origin = originOf(options.origin)
    this.#limits = { ...defaultLimits, ...options.limits }
  }

  call(operation: AnyOperation, input: unknown, envelope: Envelope): Promise<unknown> {
    const caller = this.#ready()
    if (!caller) return this.#callLater(operation, input, envelope)
    try {
      return caller.call(this.#outgoing(operation, input, envelope))
    } catch (error) {
      return Promise.reject(error)
    }
  }

  async #callLater(operation: AnyOperation, input: unknown, envelope: Envelope): Promise<unknown> {
    const line = await this.#line(envelope.deadline, operation)
    return line instanceof Caller ? line.call(this.#outgoing(operation, input, envelope)) : line.call(operation, input, envelope)
  }

  async feed(service: string, request: unknown, signal: AbortSignal): Promise<unknown> {
    const { operation, envelope } = feedCall(service, request, signal)
    const line = await this.#line(envelope.deadline, operation)
    if (!(line instanceof Caller)) return line.feed(service, request, signal)
    return line.call({ ...this.#outgoing(operation, request, envelope), target: feedTarget(service), patient: true })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true
    for (const caller of this.#callers) caller.cut('this process is shutting down')
    await this.#http?.[Symbol.asyncDispose]()
  }

  #outgoing(operation: AnyOperation, input: unknown, envelope: Envelope): Outgoing {
    return {
      operation,
      target: targetOf(operation),
      token: this.#options.voice.token(envelope),
      input: input === undefined ? '' : JSON.stringify(input),
      envelope,
    }
  }

  /** The connection, if it can take a call now. */
  #ready(): Caller | undefined {
    return this.#caller?.usable && performance.now() < this.#retireAt ? this.#caller : undefined
  }

  /** What the next call goes over; waited for no longer than the deadline. */
  async #line(deadline: Deadline, operation: AnyOperation): Promise<Line> {
    if (this.#disposed) throw new BanyanError('unavailable', `${this.#origin} is called no more`, { executed: 'no' })
    const ready = this.#ready() ?? (performance.now() < this.#httpUntil ? this.#http : undefined)
    if (ready) return ready
    this.#opening ??= this.#open().finally(() => (this.#opening = undefined))
    return beforeDeadline(this.#opening, deadline, `${targetOf(operation)}: no connection to ${this.#origin}`, 'no')
  }

  async #open(): Promise<Line> {
    const { maxAgeMs = 1_800_000, voice, tls, log } = this.#options
    const socket = await this.#dial()
    if (!socket) {
      log.info('a unit does not speak the wire and is called over HTTP', { origin: this.#origin })
      this.#httpUntil = performance.now() + HTTP_MS
      this.#http ??= remoteUnit({ origin: this.#origin, voice, attempts: 1, ...(tls && { tls }) })
      return this.#http
    }
    const caller: Caller = new Caller(socket, {
      origin: this.#origin,
      limits: this.#limits,
      again: (error, refused, who) => (voice.refused(error, refused) ? voice.token(who) : undefined),
      greeted: ({ operations }) => this.#compare(operations),
      ended: () => this.#callers.delete(caller),
    })
    this.#callers.add(caller)
    if (this.#disposed) caller.cut('this process is shutting down')
    this.#caller?.leave()
    this.#caller = caller
    // not all at once, where many were made at once
    this.#retireAt = performance.now() + maxAgeMs * (0.9 + Math.random() / 10)
    return caller
  }

  /** Two versions may run side by side while units are replaced, so that calls are tried all the same. */
  #compare(theirs: Prints | undefined): void {
    const { contracts, log } = this.#options
    const found = contracts && theirs && differences(contracts, theirs)
    const told = JSON.stringify(found)
    if (found && told !== this.#told) log.warn('a unit has other contracts than this one: one of the two is older', { origin: this.#origin, ...found })
    this.#told = told
  }

  /** Once more where the token was refused for its time only. */
  async #dial(): Promise<Duplex | undefined> {
    const { connectMs = 2_000, voice, tls, dial: connect = dial } = this.#options
    const token = voice.token(nobody)
    try {
      return await connect({ origin: this.#origin, token, connectMs, tls })
    } catch (error) {
      if (!voice.refused(error, token)) throw error
      return connect({ origin: this.#origin, token: voice.token(nobody), connectMs, tls })
    }
  }
}
