import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { hasBody, isWithin } from '../network/http/body.ts'
import { answerHeaders } from './answer-headers.ts'
import type { Flow } from './hop.ts'

/** Milliseconds that a client may take nothing of an answer that waits for it. */
const STUCK_MS = 60_000
/** What remains of a body up to this length is read and thrown away by node:http, and the connection is kept. */
const DUMP_BYTES = 64 * 1024

/** Writes an answer to the client as it comes, no faster than the client takes it. */
export class AnswerWriter {
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  readonly #leaving: boolean
  #stuck: NodeJS.Timeout | undefined
  #wrote = false
  #hasLength = false

  /** `leaving`: whether the connection ends with this answer. */
  constructor(request: IncomingMessage, response: ServerResponse, leaving: boolean) {
    this.#request = request
    this.#response = response
    this.#leaving = leaving
  }

  informed(status: number, headers: IncomingHttpHeaders): void {
    const { link } = headers
    if (status === 103 && link !== undefined && this.#request.httpVersionMinor > 0) this.#response.writeEarlyHints({ link })
  }

  begin(status: number, headers: Readonly<Record<string, string | readonly string[] | undefined>>): void {
    const fields = answerHeaders(headers)
    this.#hasLength = headers['content-length'] !== undefined
    const unread = hasBody(this.#request) && !this.#request.complete && !isWithin(this.#request, DUMP_BYTES)
    if (this.#leaving || unread) fields.push('connection', 'close')
    this.#response.writeHead(status, fields as string[])
    // events and slow answers: the head does not wait for what may come much later
    process.nextTick(flush, this)
  }

  data(chunk: Buffer, flow: Flow): void {
    this.#wrote = true
    if (this.#response.write(chunk)) return
    flow.pause()
    this.#stuck = setTimeout(() => this.#response.destroy(), STUCK_MS)
    this.#response.once('drain', () => {
      clearTimeout(this.#stuck)
      flow.resume()
    })
  }

  end(trailers: IncomingHttpHeaders): void {
    for (const _ in trailers) {
      this.#response.addTrailers(trailers as Record<string, string>)
      break
    }
    this.#response.end()
  }

  /** Ends an answer that will not become whole, so that no client takes it for whole. */
  cut(): void {
    clearTimeout(this.#stuck)
    const { socket } = this.#response
    // without a length or chunks the end of the connection is the end of the answer, unless it is a reset
    if (socket && !this.#response.chunkedEncoding && !this.#hasLength) (socket as Socket).resetAndDestroy()
    else this.#response.destroy()
  }

  /** Sends the head by itself where nothing has followed it yet. */
  flush(): void {
    if (!this.#wrote && !this.#response.writableEnded && !this.#response.destroyed) this.#response.flushHeaders()
  }

  /** Lets go of what waits for the client. */
  [Symbol.dispose](): void {
    clearTimeout(this.#stuck)
  }
}

function flush(writer: AnswerWriter): void {
  writer.flush()
}
