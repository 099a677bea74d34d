import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { BanyanError } from '../kernel/errors.ts'
import type { HttpResponse } from '../network/http/message.ts'

/** Milliseconds that a client may send nothing while it is waited for. */
const IDLE_MS = 30_000

/** Limits of a surface whose requests are passed on: an upload may take an hour as long as it goes on, since pauses are bounded here. */
export const longUploads: { readonly requestMs: number } = { requestMs: 3_600_000 }

/**
 * The whole body of a request where all of it has come and nobody has read it, as a small one comes with its head; `undefined`: more is to
 * come. It costs no stream, and can be sent again. At most what one read of the connection brings is held.
 */
export function arrivedBody(request: IncomingMessage): Buffer | undefined {
  const { readableLength, headers } = request
  return readableLength > 0 && readableLength === Number(headers['content-length']) ? (request.read() as Buffer) : undefined
}

/** A body that has come whole, for those who read streams. */
export class WholeBody extends Readable {
  readonly bytes: Buffer

  constructor(bytes: Buffer) {
    super()
    this.bytes = bytes
  }

  override _read(): void {
    this.push(this.bytes)
    this.push(null)
  }
}

/**
 * The body of a request, read from the client no faster than it is taken. Destroying it leaves the client's connection alone, so that it can
 * still be answered. A client that awaits `100 Continue` gets it when the first byte is wanted (RFC 9110 §10.1.1).
 */
export class Upload extends Readable {
  readonly #request: IncomingMessage
  readonly #response: HttpResponse
  readonly #idleMs: number
  #begun = false
  #timer: NodeJS.Timeout | undefined

  constructor(request: IncomingMessage, response: HttpResponse, idleMs: number = IDLE_MS) {
    super()
    this.#request = request
    this.#response = response
    this.#idleMs = idleMs
  }

  /** Whether bytes of it may have been taken, so that it cannot be sent again. */
  get begun(): boolean {
    return this.#begun
  }

  override _read(): void {
    this.#timer ??= setTimeout(() => this.#late(), this.#idleMs)
    if (this.#begun) {
      this.#timer.refresh()
      this.#request.resume()
      return
    }
    this.#begun = true
    if (this.#request.headers.expect !== undefined) this.#response.writeContinue()
    this.#request.on('data', this.#onData).on('end', this.#onEnd).on('error', this.#onCut).on('close', this.#onCut)
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearTimeout(this.#timer)
    this.#request.off('data', this.#onData).off('end', this.#onEnd).off('error', this.#onCut).off('close', this.#onCut)
    if (this.#begun && !this.#request.complete) this.#request.pause()
    this.#request.on('error', nothing) // an aborted request tells of it once more
    done(error)
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#timer?.refresh()
    if (this.push(chunk)) return
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#request.pause()
  }

  readonly #onEnd = (): void => {
    clearTimeout(this.#timer)
    this.push(null)
  }

  readonly #onCut = (): void => {
    if (!this.#request.complete)
      this.destroy(new BanyanError('cancelled', 'the client closed the connection before the end of its body', { executed: 'maybe' }))
  }

  #late(): void {
    this.destroy(
      new BanyanError('malformed_request', `nothing of the body has come for ${this.#idleMs} ms; send it without such pauses`, { executed: 'maybe' }),
    )
  }
}

function nothing(): void {}
