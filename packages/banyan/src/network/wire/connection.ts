import type { Duplex } from 'node:stream'
import { messageOf } from '../../kernel/errors.ts'
import { FrameReader, WireFault, type ReadLimits } from './frame-reader.ts'
import { FrameWriter } from './frame-writer.ts'
import { Kind } from './frame.ts'

export interface ConnectionLimits extends ReadLimits {
  /** Bytes of an answer. */
  readonly answerBytes: number
  /** Bytes that wait to be sent: from there on nothing more is read, so that a side that does not listen is not given more to say. */
  readonly unsentBytes: number
  /** Milliseconds of silence until a sign of life is asked for. */
  readonly pingMs: number
  /** Milliseconds of silence, or without taking anything of what waits for it, until the other side counts as gone. */
  readonly silenceMs: number
}

export const defaultLimits: ConnectionLimits = {
  messageBytes: 65 * 1024 * 1024,
  answerBytes: 64 * 1024 * 1024,
  unfinishedBytes: 128 * 1024 * 1024,
  unsentBytes: 8 * 1024 * 1024,
  pingMs: 5_000,
  silenceMs: 15_000,
}

export interface ConnectionEvents {
  /** A message other than signs of life. Throws `WireFault` for what it cannot mean. */
  message(kind: Kind, number: number, text: string): void
  /** The connection is over, with the reason unless one side has ended it in order; told once. */
  closed(reason: string | undefined): void
}

/** One connection of the wire, as both of its sides have it: messages out and in, signs of life, and its end. */
export class Connection {
  readonly #socket: Duplex
  readonly #events: ConnectionEvents
  readonly #limits: ConnectionLimits
  readonly #writer: FrameWriter
  readonly #reader: FrameReader
  readonly #pulse: NodeJS.Timeout
  #heard = performance.now()
  #taken = performance.now()
  #reason: string | undefined
  #closed = false

  constructor(socket: Duplex, limits: ConnectionLimits, events: ConnectionEvents) {
    this.#socket = socket
    this.#events = events
    this.#limits = limits
    this.#writer = new FrameWriter({
      write: (bytes) => this.#write(bytes),
      get idle() {
        return socket.writableLength === 0
      },
    })
    this.#reader = new FrameReader(limits, (kind, number, text) => this.#message(kind, number, text))
    this.#pulse = setInterval(() => this.#beat(), limits.pingMs).unref()
    socket.on('data', (chunk: Buffer) => this.#read(chunk))
    socket.on('drain', () => this.#drained())
    socket.on('end', () => socket.end())
    socket.on('error', (error) => this.cut(messageOf(error)))
    socket.on('close', () => this.#over())
  }

  /** The batch that the next message leaves in. */
  get batch(): number {
    return this.#writer.batch
  }

  /** Bytes said and not yet taken by the network. */
  get unsent(): number {
    return this.#writer.waiting + this.#socket.writableLength
  }

  get open(): boolean {
    return !this.#closed
  }

  send(kind: Kind, number: number, text: string): void {
    if (!this.#closed) this.#writer.add(kind, number, text)
  }

  /** Ends it in order: what was said arrives. */
  end(): void {
    this.#writer.flush()
    this.#socket.end()
  }

  /** Ends it now. */
  cut(reason: string): void {
    this.#reason ??= reason
    this.#socket.destroy()
    this.#over()
  }

  #write(bytes: Buffer): boolean {
    if (this.#socket.destroyed || this.#socket.writableEnded) return true
    const more = this.#socket.write(bytes)
    if (!more && this.#socket.writableLength > this.#limits.unsentBytes) this.#socket.pause()
    return more
  }

  #drained(): void {
    this.#taken = performance.now()
    this.#writer.drained()
    if (this.#socket.writableLength <= this.#limits.unsentBytes) this.#socket.resume()
  }

  #read(chunk: Buffer): void {
    this.#heard = performance.now()
    try {
      this.#reader.push(chunk)
    } catch (error) {
      if (!(error instanceof WireFault)) throw error
      this.cut(error.message)
    }
  }

  #message(kind: Kind, number: number, text: string): void {
    if (this.#closed || kind === Kind.pong) return
    if (kind === Kind.ping) this.send(Kind.pong, 0, '')
    else this.#events.message(kind, number, text)
  }

  #beat(): void {
    const now = performance.now()
    const { pingMs, silenceMs } = this.#limits
    if (this.#socket.writableLength === 0) this.#taken = now
    else if (now - this.#taken > silenceMs) return this.cut(`nothing of what waits for it was taken in ${silenceMs} ms`)
    if (this.#socket.isPaused()) return // so that nothing can be heard
    if (now - this.#heard > silenceMs) this.cut(`nothing was heard in ${silenceMs} ms`)
    else if (now - this.#heard > pingMs * 0.9) this.send(Kind.ping, 0, '')
  }

  #over(): void {
    if (this.#closed) return
    this.#closed = true
    clearInterval(this.#pulse)
    this.#events.closed(this.#reason)
  }
}
