import { Readable } from 'node:stream'
import { mayFail } from './body-sender.ts'
import { Call, type AnswerReceiver } from './call.ts'
import { Connection, type Owner } from './connection.ts'
import { connectorTo, type Connector, type Server } from './connector.ts'
import { requestHead, type ClientRequest } from './request-head.ts'

export interface PoolOptions extends Server {
  /** Milliseconds for a connection to be made. */
  readonly connectMs: number
  /** Milliseconds between two parts of an answer, while they are taken. */
  readonly idleMs: number
}

/** Milliseconds between two looks at all connections, at least. */
const TICK_MS = 20

/**
 * Connections to one server, on which HTTP/1.1 is spoken (RFC 9112): as many as there are requests under way, and those that are kept for the
 * next ones. Nothing is repeated.
 */
export class ConnectionPool implements Owner, AsyncDisposable {
  readonly connectMs: number
  readonly idleMs: number
  readonly #host: string
  readonly #connector: Connector
  readonly #all = new Set<Connection>()
  /** The one that was used last comes first: so those that are not needed are let go. */
  readonly #idle: Connection[] = []
  #waiting: Call[] = []
  #timer: NodeJS.Timeout | undefined
  /** When the timer ends. */
  #timerAt = Infinity
  #closed: PromiseWithResolvers<void> | undefined

  constructor(options: PoolOptions) {
    this.connectMs = options.connectMs
    this.idleMs = options.idleMs
    this.#host = new URL(options.origin).host
    this.#connector = connectorTo(options)
  }

  /** Sends a request. Throws what is said of `requestHead`. */
  send(request: ClientRequest, receiver: AnswerReceiver): Call {
    const { body } = request
    if (body instanceof Readable) mayFail(body)
    const call = new Call(request, requestHead(request, this.#host), receiver)
    if (this.#idle.length <= this.#waiting.length) this.#connect(call)
    // at the end of this turn: until then idle connections are heard, of which one may have ended, or have bytes that would be taken for the answer
    else if (this.#waiting.push(call) === 1) setImmediate(sendWaiting, this)
    return call
  }

  sendWaiting(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const call of waiting) {
      if (call.over) continue
      const connection = this.#idle.pop()
      if (connection !== undefined) connection.take(call)
      else this.#connect(call)
    }
    this.#closeIfDone()
  }

  free(connection: Connection): void {
    if (this.#closed !== undefined) connection.close()
    else this.#idle.push(connection)
  }

  gone(connection: Connection): void {
    this.#all.delete(connection)
    const index = this.#idle.lastIndexOf(connection)
    if (index >= 0) this.#idle.splice(index, 1)
    this.#closeIfDone()
  }

  due(at: number): void {
    if (at >= this.#timerAt) return
    clearTimeout(this.#timer)
    this.#timerAt = at
    this.#timer = setTimeout(check, Math.max(1, at - performance.now()), this).unref()
  }

  /** One timer for all connections: it ends when the first may be due, and mostly that one has been used since. */
  check(): void {
    this.#timerAt = Infinity
    const now = performance.now()
    let next = Infinity
    for (const connection of this.#all) {
      connection.check(now)
      next = Math.min(next, connection.due)
    }
    if (next !== Infinity) this.due(Math.max(next, now + TICK_MS))
  }

  /** Ends idle connections, and the others once what is under way on them is over. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= Promise.withResolvers<void>()
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) idle.close()
    this.#closeIfDone()
    return this.#closed.promise
  }

  #connect(call: Call): void {
    this.#all.add(new Connection(this, this.#connector, call))
  }

  #closeIfDone(): void {
    if (this.#closed === undefined || this.#all.size > 0 || this.#waiting.length > 0) return
    clearTimeout(this.#timer)
    this.#closed.resolve()
  }
}

function sendWaiting(pool: ConnectionPool): void {
  pool.sendWaiting()
}

function check(pool: ConnectionPool): void {
  pool.check()
}
