import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { ExchangeFault } from './fault.ts'

/** How a body goes on its way. */
export interface Sending {
  /** The head stands before the first byte of the body. */
  readonly head: string
  /** Bytes of it; `undefined`: it goes in chunks. */
  readonly length: number | undefined
  /** Something is about to be written. */
  begun(): void
  /** `true`: the server takes what is written; `false`: it is waited for. */
  taken(takes: boolean): void
  sent(): void
  failed(error: Error): void
}

/** A stream may fail while nobody reads it yet, or not any more: that is seen when it is read, and must not end the process. */
export function mayFail(source: Readable): void {
  source.on('error', ignored)
}

/** Sends a stream that `mayFail` as the body of a request, read no faster than the server takes it. */
export class BodySender {
  readonly #socket: Socket
  readonly #source: Readable
  readonly #sending: Sending
  #written = 0
  #begun = false
  #over = false

  constructor(socket: Socket, source: Readable, sending: Sending) {
    this.#socket = socket
    this.#source = source
    this.#sending = sending
    source.on('data', this.#onData).on('end', this.#onEnd).on('error', this.#onError).on('close', this.#onClose)
    socket.on('drain', this.#onDrain)
    // what has happened already is not told again
    if (source.errored) this.#onError(source.errored)
    else if (source.readableEnded) this.#onEnd()
    else if (source.destroyed) this.#onClose()
    else source.resume()
  }

  /** Lets go of the stream and of the connection: the rest of it is not wanted. */
  stop(): void {
    if (this.#over) return
    this.#leave()
    this.#source.destroy()
  }

  readonly #onData = (chunk: Buffer | string): void => {
    const length = Buffer.byteLength(chunk)
    if (length === 0) return
    const { length: announced } = this.#sending
    this.#written += length
    if (announced !== undefined && this.#written > announced) return this.#fail(wrongLength(`more than ${announced}`, announced))
    const socket = this.#socket
    socket.cork()
    this.#begin()
    if (announced === undefined) socket.write(`${length.toString(16)}\r\n`, 'latin1')
    let takes = socket.write(chunk)
    if (announced === undefined) takes = socket.write('\r\n', 'latin1')
    socket.uncork()
    if (takes) return
    this.#source.pause()
    this.#sending.taken(false)
  }

  readonly #onDrain = (): void => {
    this.#sending.taken(true)
    this.#source.resume()
  }

  readonly #onEnd = (): void => {
    if (this.#over) return
    const { length: announced } = this.#sending
    if (announced !== undefined && this.#written !== announced) return this.#fail(wrongLength(`${this.#written}`, announced))
    this.#leave()
    this.#begin()
    if (announced === undefined) this.#socket.write('0\r\n\r\n', 'latin1')
    this.#sending.sent()
  }

  readonly #onError = (error: Error): void => this.#fail(error)

  readonly #onClose = (): void => {
    if (!this.#source.readableEnded) this.#fail(new ExchangeFault('BODY_LENGTH', 'the body of the request was closed before its end'))
  }

  #begin(): void {
    if (this.#begun) return
    this.#begun = true
    this.#sending.begun()
    this.#socket.write(this.#sending.head, 'latin1')
  }

  #fail(error: Error): void {
    if (this.#over) return
    this.stop()
    this.#sending.failed(error)
  }

  #leave(): void {
    this.#over = true
    this.#source.off('data', this.#onData).off('end', this.#onEnd).off('error', this.#onError).off('close', this.#onClose)
    this.#socket.off('drain', this.#onDrain)
  }
}

function wrongLength(sent: string, announced: number): ExchangeFault {
  return new ExchangeFault('BODY_LENGTH', `a body of ${sent} bytes with Content-Length ${announced}`)
}

function ignored(): void {}
