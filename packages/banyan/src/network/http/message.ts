import type { EventEmitter } from 'node:events'
import type { IncomingMessage, OutgoingHttpHeader, OutgoingHttpHeaders } from 'node:http'
import type { Socket } from 'node:net'

/** The head of a request, as `node:http` gives it and as the lane does. */
export type HttpRequest = Readonly<
  Pick<IncomingMessage, 'method' | 'url' | 'headers' | 'rawHeaders' | 'httpVersion' | 'httpVersionMajor' | 'httpVersionMinor' | 'complete' | 'socket'>
>

/** What comes behind the head of a request: as it comes, or all of it where it came with the head; empty: nothing. */
export type HttpBody = IncomingMessage | Buffer

/**
 * What an answer is written to: `ServerResponse`, or the lane's. Both write the same bytes. Emits `close` once, when the answer has been given to
 * the system or the client has gone, and `drain` when more may be written after `write` was `false`.
 */
export interface HttpResponse extends EventEmitter {
  readonly statusCode: number
  readonly headersSent: boolean
  readonly chunkedEncoding: boolean
  readonly writableEnded: boolean
  readonly writableFinished: boolean
  readonly writableNeedDrain: boolean
  readonly destroyed: boolean
  readonly socket: Socket | null
  /** Adds a field to those that `writeHead` says. */
  appendHeader(name: string, value: string | string[]): this
  writeContinue(): void
  writeEarlyHints(hints: { readonly link: string | string[] }): void
  /** Names and values, in turn where it is a list. Throws for what may stand in no field. */
  writeHead(status: number, fields?: OutgoingHttpHeaders | OutgoingHttpHeader[]): this
  flushHeaders(): void
  /** `false`: what was written waits, and `drain` tells when it has gone. */
  write(chunk: string | Uint8Array, encoding?: BufferEncoding): boolean
  addTrailers(trailers: OutgoingHttpHeaders): void
  end(chunk?: string | Uint8Array, encoding?: BufferEncoding): this
  /** Cuts the connection. */
  destroy(): this
}
