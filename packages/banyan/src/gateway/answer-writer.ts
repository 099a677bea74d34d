import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { hasBody, isWithin } from '../network/http/body.ts'
import type { HttpRequest, HttpResponse } from '../network/http/message.ts'
import { fieldRecord } from './answer-headers.ts'
import type { Flow } from './http1/call.ts'

/** Milliseconds that a client may take nothing of an answer that waits for it. */
const STUCK_MS = 60_000
/** A first part up to this length is sent in one piece with the head, copied. */
const ONE_PIECE_BYTES = 16 * 1024
/** What remains of a body up to this length is read and thrown away by node:http, and the connection is kept. */
const DUMP_BYTES = 64 * 1024

/** Writes an answer to the client as it comes, no faster than the client takes it. */
export class AnswerWriter {
  readonly #request: HttpRequest
  readonly #response: HttpResponse
  readonly #leaving: boolean
  #stuck: NodeJS.Timeout | undefined
  /** Whether what has come waits for the client. */
  #awaits = false
  /** The first part of a body, which waits for what comes in the same turn as the head. */
  #held: Buffer | undefined
  #flow: Flow | undefined
  /** Whether something has been given to the socket, or the turn in which the head came is over. */
  #under = false
  #fields: readonly (string | string[])[] = []

  /** `leaving`: whether the connection ends with this answer. */
  constructor(request: HttpRequest, response: HttpResponse, leaving: boolean) {
    this.#request = request
    this.#response = response
    this.#leaving = leaving
  }

  informed(status: number, fields: readonly string[]): void {
    if (status !== 103 || this.#request.httpVersionMinor === 0) return
    const { link } = fieldRecord(fields)
    if (link !== undefined) this.#response.writeEarlyHints({ link })
  }

  /** Takes the fields over: names in lower case and values in turn, none of them for another hop. */
  begin(status: number, fields: (string | string[])[]): void {
    this.#fields = fields
    const unread = hasBody(this.#request) && !this.#request.complete && !isWithin(this.#request, DUMP_BYTES)
    if (this.#leaving || unread) fields.push('connection', 'close')
    this.#response.writeHead(status, (this.#announcesInVain(status, fields) ? withoutTrailer(fields) : fields) as string[])
    // events and slow answers: the head does not wait for what may come much later
    process.nextTick(flush, this)
  }

  data(chunk: Buffer, flow: Flow): void {
    if (!this.#under && this.#held === undefined && chunk.length <= ONE_PIECE_BYTES) {
      this.#held = chunk
      this.#flow = flow
      return
    }
    this.#writeHeld()
    this.#under = true
    if (!this.#response.write(chunk)) this.#await(flow)
  }

  /** Names and values in turn. */
  end(trailers: readonly string[]): void {
    if (trailers.length > 0) this.#response.addTrailers(fieldRecord(trailers) as Record<string, string>)
    const held = this.#held
    this.#held = undefined
    // one write to the socket for the head and all of the body: as text, which node:http joins, and of one byte each
    if (held === undefined) this.#response.end()
    else this.#response.end(held.toString('latin1'), 'latin1')
  }

  /** Ends an answer that will not become whole, so that no client takes it for whole. */
  cut(): void {
    clearTimeout(this.#stuck)
    const { socket } = this.#response
    // without a length or chunks the end of the connection is the end of the answer, unless it is a reset; of TLS only an end that was announced is one
    const isSecure = (socket as Partial<TLSSocket> | null)?.encrypted === true
    if (socket && !isSecure && !this.#response.chunkedEncoding && !this.#hasLength()) (socket as Socket).resetAndDestroy()
    else this.#response.destroy()
  }

  /** Sends what has come so far. */
  flush(): void {
    if (this.#under || this.#response.writableEnded || this.#response.destroyed) return
    this.#under = true
    if (this.#held === undefined) this.#response.flushHeaders()
    else this.#writeHeld()
  }

  #hasLength(): boolean {
    return this.#fields.some((field, at) => at % 2 === 0 && field === 'content-length')
  }

  #writeHeld(): void {
    const held = this.#held
    if (held === undefined) return
    this.#held = undefined
    if (!this.#response.write(held.toString('latin1'), 'latin1')) this.#await(this.#flow!)
  }

  /** Stops what comes until the client has taken what waits for it. */
  #await(flow: Flow): void {
    flow.pause()
    // a part that was held and the one behind it may both have to wait: one wait is enough, and none may outlive its end
    if (this.#awaits) return
    this.#awaits = true
    this.#stuck = setTimeout(() => this.#response.destroy(), STUCK_MS)
    this.#response.once('drain', () => {
      clearTimeout(this.#stuck)
      this.#awaits = false
      flow.resume()
    })
  }

  /** Whether trailers are announced that cannot follow: node:http throws for that. */
  #announcesInVain(status: number, fields: readonly (string | string[])[]): boolean {
    if (!fields.includes('trailer')) return false
    const { method, httpVersionMinor } = this.#request
    return method === 'HEAD' || httpVersionMinor === 0 || status === 204 || status === 304 || this.#hasLength()
  }

  /** Lets go of what waits for the client. */
  [Symbol.dispose](): void {
    clearTimeout(this.#stuck)
  }
}

function withoutTrailer(fields: readonly (string | string[])[]): (string | string[])[] {
  return fields.filter((_, i) => fields[i & ~1] !== 'trailer')
}

function flush(writer: AnswerWriter): void {
  writer.flush()
}
