import type { Socket } from 'node:net'
import { AnswerReader, type AnswerParts } from './answer-reader.ts'
import type { AnswerHead } from './answer-head.ts'
import { BodySender } from './body-sender.ts'
import type { Call, Carrier } from './call.ts'
import type { Connector } from './connector.ts'
import { broken, ExchangeFault } from './fault.ts'

/** Who has a connection. */
export interface Owner {
  /** Milliseconds for a connection to be made. */
  readonly connectMs: number
  /** Milliseconds between two parts of an answer. */
  readonly idleMs: number
  /** It may be used once more. */
  free(connection: Connection): void
  /** It may not. */
  gone(connection: Connection): void
  /** Its `due` is earlier than it was. */
  due(at: number): void
}

/** A body up to this length is sent in one piece with the head. */
const ONE_PIECE_BYTES = 16 * 1024
/** Milliseconds that a connection is kept idle, unless its server says how long it keeps it. */
const KEPT_MS = 4_000
/** What is taken off from what the server says, for the way to it. */
const MARGIN_MS = 2_000
const MOST_KEPT_MS = 600_000

/** A connection to a server, which has one call at a time. */
export class Connection implements Carrier, AnswerParts {
  readonly #owner: Owner
  readonly #socket: Socket
  readonly #reader: AnswerReader
  #ready = false
  #call: Call | undefined
  /** Of the call. */
  #answer: AnswerHead | undefined
  #body: BodySender | undefined
  /** Whether nobody takes what comes. */
  #paused = false
  #gone = false
  /** When it is to be looked at again, on the monotonic clock. */
  due: number = Infinity

  /** Connects, and then takes the call. */
  constructor(owner: Owner, connector: Connector, call: Call) {
    this.#owner = owner
    this.#call = call
    call.carrier = this
    this.#reader = new AnswerReader(this)
    const { socket, ready } = connector((length, bytes) => this.#onBytes(length, bytes))
    this.#socket = socket
    this.#await(owner.connectMs)
    socket.once(ready, () => this.#onReady())
    socket.on('error', (error) => this.#break(error))
    socket.on('end', () => this.#onEnd())
    socket.on('close', () => this.#onEnd())
  }

  /** Sends a request, where there is none under way. */
  take(call: Call): void {
    this.#call = call
    call.carrier = this
    this.#send(call)
  }

  pause(): void {
    if (this.#paused) return
    this.#paused = true
    this.#socket.pause()
    this.due = Infinity
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#socket.resume()
    this.#await(this.#owner.idleMs)
  }

  /** Ends it with the call that is on it. */
  cut(): void {
    this.#call = undefined
    this.#leave()
  }

  /** Ends it at once where it is idle; a call that is under way has its time. */
  close(): void {
    if (this.#call === undefined) this.#leave()
  }

  /** Looks whether something has taken too long. */
  check(now: number): void {
    if (this.due > now) return
    if (this.#call === undefined) this.#leave()
    else if (!this.#ready) this.#break(new ExchangeFault('CONNECT_TIMEOUT', `no connection was made in ${this.#owner.connectMs} ms`))
    else if (this.#answer !== undefined) this.#break(new ExchangeFault('IDLE_TIMEOUT', `its answer did not go on for ${this.#owner.idleMs} ms`))
    else this.#break(new ExchangeFault('ANSWER_TIMEOUT', `it took a request and gave no answer in ${this.#call.request.timeoutMs} ms`))
  }

  informed(status: number, fields: string[]): void {
    this.#call?.receiver.informed(status, fields)
  }

  begin(head: AnswerHead): void {
    this.#answer = head
    this.#call?.receiver.begin(head.status, head.fields)
  }

  data(chunk: Buffer): void {
    this.#call?.receiver.data(chunk)
  }

  end(trailers: string[], surplus: boolean): void {
    const call = this.#call
    const answer = this.#answer
    if (call === undefined || answer === undefined) return
    this.#call = this.#answer = undefined
    const keptMs = answer.keepAliveMs === undefined ? KEPT_MS : Math.min(answer.keepAliveMs - MARGIN_MS, MOST_KEPT_MS)
    // an answer that came before all of the body was sent leaves the rest of it on the way
    if (surplus || !answer.persistent || !call.head.persistent || this.#body !== undefined || keptMs <= 0) this.#leave()
    else {
      this.resume()
      this.#await(keptMs)
      this.#owner.free(this)
    }
    call.end(trailers)
  }

  #onReady(): void {
    this.#ready = true
    if (this.#call !== undefined) this.#send(this.#call)
  }

  #send(call: Call): void {
    const { request, head } = call
    const { body, method } = request
    this.#reader.expect(method)
    if (body === undefined || Buffer.isBuffer(body)) {
      call.sent = true
      this.#write(head.text, body)
      this.#await(request.timeoutMs)
      return
    }
    // the time for the answer begins when all is sent; until then only what the server does not take is waited for
    this.due = Infinity
    this.#body = new BodySender(this.#socket, body, {
      head: head.text,
      length: head.length,
      begun: () => void (call.sent = true),
      taken: (takes) => {
        if (this.#answer !== undefined) return
        if (takes) this.due = Infinity
        else this.#await(request.timeoutMs)
      },
      sent: () => {
        this.#body = undefined
        if (this.#answer === undefined) this.#await(request.timeoutMs)
      },
      failed: (error) => this.#break(error),
    })
  }

  #write(head: string, body: Buffer | undefined): void {
    const socket = this.#socket
    if (body === undefined) socket.write(head, 'latin1')
    else if (body.length <= ONE_PIECE_BYTES) socket.write(head + body.toString('latin1'), 'latin1')
    else {
      socket.cork()
      socket.write(head, 'latin1')
      socket.write(body)
      socket.uncork()
    }
  }

  #onBytes(length: number, bytes: Buffer): void {
    if (this.#call === undefined) return this.#leave() // nobody has asked for them
    if (!this.#call.sent) return this.#break(broken('it came before the request'))
    try {
      this.#reader.read(bytes, length)
    } catch (error) {
      if (this.#call === undefined) throw error // nobody is left to be told
      return this.#break(error as Error)
    }
    if (this.#answer !== undefined && !this.#paused) this.#await(this.#owner.idleMs)
  }

  #onEnd(): void {
    if (!this.#gone && !this.#reader.close()) this.#break(new ExchangeFault('OTHER_SIDE_CLOSED', 'other side closed'))
  }

  #break(error: Error): void {
    const call = this.#call
    this.#call = undefined
    this.#leave()
    call?.fail(error)
  }

  #leave(): void {
    if (this.#gone) return
    this.#gone = true
    this.#answer = undefined
    this.due = Infinity
    this.#reader.stop()
    this.#body?.stop()
    this.#socket.destroy()
    this.#owner.gone(this)
  }

  #await(ms: number): void {
    this.due = performance.now() + ms
    this.#owner.due(this.due)
  }
}
