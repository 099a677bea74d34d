import { EventEmitter } from 'node:events'
import { validateHeaderValue, type OutgoingHttpHeader, type OutgoingHttpHeaders } from 'node:http'
import type { Socket } from 'node:net'
import { BanyanError } from '../../../kernel/errors.ts'
import type { HttpResponse } from '../message.ts'
import { answerHead, fieldLines, listOf, type Fields } from './answer-head.ts'

/** The connection that an answer is written to. */
export interface AnsweredConnection {
  readonly socket: Socket
  /** What answers say of the connection where they say nothing else: whole lines. */
  readonly kept: string
  /** The answer has been given to the system; `last`: and it ends the connection. */
  answered(last: boolean): void
}

type Done = (error?: Error | null) => void

/** An answer on a connection of the lane, byte for byte as `ServerResponse` writes it to HTTP/1.1. */
export class LaneResponse extends EventEmitter implements HttpResponse {
  statusCode = 200
  headersSent = false
  chunkedEncoding = false
  writableEnded = false
  writableFinished = false
  destroyed = false
  readonly socket: Socket
  readonly #connection: AnsweredConnection
  /** Whether what is written of a body is left out. */
  #bodiless: boolean
  #appended: OutgoingHttpHeader[] | undefined
  /** The head, until it is sent with what comes next. */
  #head = ''
  #trailers = ''
  #last = false
  #closed = false

  constructor(connection: AnsweredConnection, method: string) {
    super()
    this.socket = connection.socket
    this.#connection = connection
    this.#bodiless = method === 'HEAD'
  }

  get writableNeedDrain(): boolean {
    return !this.destroyed && !this.writableEnded && this.socket.writableNeedDrain
  }

  appendHeader(name: string, value: string | string[]): this {
    this.#appended ??= []
    this.#appended.push(name, value)
    return this
  }

  writeContinue(): void {
    this.#put('HTTP/1.1 100 Continue\r\n\r\n', 'latin1')
  }

  writeEarlyHints({ link }: { readonly link: string | string[] }): void {
    const value = Array.isArray(link) ? link.join(', ') : link
    validateHeaderValue('Link', value)
    if (value !== '') this.#put(`HTTP/1.1 103 Early Hints\r\nLink: ${value}\r\n\r\n`, 'latin1')
  }

  writeHead(status: number, fields: Fields = []): this {
    if (this.headersSent) throw new BanyanError('internal', `an answer of status ${this.statusCode} has begun, so it cannot become one of ${status}`)
    const bodiless = this.#bodiless || status === 204 || status === 304
    const all = this.#appended === undefined ? fields : [...this.#appended, ...listOf(fields)]
    const { text, chunked, last } = answerHead(status, all, { kept: this.#connection.kept, bodiless })
    this.statusCode = status
    this.headersSent = true
    this.chunkedEncoding = chunked
    this.#bodiless = bodiless
    this.#head = text
    this.#last = last
    return this
  }

  flushHeaders(): void {
    if (!this.headersSent) this.writeHead(this.statusCode)
    if (this.#head !== '') this.#put('', 'latin1')
  }

  write(chunk: string | Uint8Array, encoding: BufferEncoding = 'utf8'): boolean {
    if (this.writableEnded || this.destroyed) return false
    if (!this.headersSent) this.writeHead(this.statusCode)
    if (this.#bodiless || chunk.length === 0) return true
    return this.chunkedEncoding ? this.#putChunk(chunk, encoding) : this.#put(chunk, encoding)
  }

  addTrailers(trailers: OutgoingHttpHeaders): void {
    for (const [name, value] of Object.entries(trailers)) if (value !== undefined) this.#trailers += fieldLines(name, value)
  }

  end(chunk: string | Uint8Array = '', encoding: BufferEncoding = 'utf8'): this {
    if (this.writableEnded || this.destroyed) return this
    if (!this.headersSent) this.writeHead(this.statusCode)
    this.writableEnded = true
    const done: Done = (error) => this.#done(error)
    if (this.#bodiless) this.#put('', 'latin1', done)
    else if (!this.chunkedEncoding) this.#put(chunk, encoding, done)
    else {
      this.socket.cork()
      if (chunk.length > 0) this.#putChunk(chunk, encoding)
      this.#put(`0\r\n${this.#trailers}\r\n`, 'latin1', done)
      this.socket.uncork()
    }
    return this
  }

  destroy(): this {
    this.destroyed = true
    this.socket.destroy()
    return this
  }

  /** Nothing more can be said: the answer is over, or the connection closed. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.destroyed = true
    this.emit('close')
  }

  #done(error: Error | null | undefined): void {
    if (error || this.#closed) return // the connection is closed, and tells of it
    this.writableFinished = true
    this.close()
    this.#connection.answered(this.#last)
  }

  /** Writes what is left of the head and `data`, in one piece where that is text. */
  #put(data: string | Uint8Array, encoding: BufferEncoding, done?: Done): boolean {
    const { socket } = this
    if (!socket.writable) return false
    const head = this.#head
    this.#head = ''
    if (typeof data === 'string') return socket.write(head + data, encoding, done)
    if (head === '') return socket.write(data, done)
    socket.cork()
    socket.write(head, 'latin1')
    const isTaken = socket.write(data, done)
    socket.uncork()
    return isTaken
  }

  #putChunk(chunk: string | Uint8Array, encoding: BufferEncoding): boolean {
    const { socket } = this
    socket.cork()
    const length = typeof chunk === 'string' ? Buffer.byteLength(chunk, encoding) : chunk.length
    this.#put(`${length.toString(16)}\r\n`, 'latin1')
    this.#put(chunk, encoding)
    const isTaken = this.#put('\r\n', 'latin1')
    socket.uncork()
    return isTaken
  }
}
