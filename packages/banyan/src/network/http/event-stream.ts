import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { commonHeaders } from './reply.ts'

export const EVENT_STREAM_TYPE = 'text/event-stream'

/** One message of a stream. Its data is one line, as JSON is. */
export interface StreamEvent {
  /** `message` unless said. */
  readonly event?: string
  readonly id?: string
  readonly data: string
}

export interface EventStreamOptions {
  /** Milliseconds between comments that keep the connection from looking dead. */
  readonly heartbeatMs: number
  /** Milliseconds after which a client that lost the stream should come back. */
  readonly retryMs: number
  /** Whether the connection ends with the stream. */
  readonly last: boolean
}

/** An answer of server-sent events (WHATWG HTML §9.2). */
export class EventStream implements Disposable {
  readonly #response: ServerResponse
  readonly #heartbeat: NodeJS.Timeout

  /** Begins the answer. */
  constructor(response: ServerResponse, { heartbeatMs, retryMs, last }: EventStreamOptions) {
    this.#response = response
    // what gathers answers before it passes them on (nginx does) is asked not to
    response.writeHead(200, ['content-type', EVENT_STREAM_TYPE, 'x-accel-buffering', 'no', ...commonHeaders, ...(last ? ['connection', 'close'] : [])])
    response.write(`retry: ${retryMs}\n\n`)
    this.#heartbeat = setInterval(() => this.#write(': still here\n\n'), heartbeatMs).unref()
  }

  send({ event, id, data }: StreamEvent): void {
    const fields = [...(event === undefined ? [] : [`event: ${event}`]), ...(id === undefined ? [] : [`id: ${id}`]), `data: ${data}`]
    this.#response.write(`${fields.join('\n')}\n\n`)
  }

  /** Resolves when the client has taken what was sent, or `signal` aborts. */
  async taken(signal: AbortSignal): Promise<void> {
    if (this.#response.writableNeedDrain && !signal.aborted) await once(this.#response, 'drain', { signal }).catch(() => undefined)
  }

  /** Ends the answer with a comment, once; a client that takes nothing any more is cut off. */
  end(comment: string): void {
    this[Symbol.dispose]()
    if (this.#response.destroyed || this.#response.writableEnded) return
    if (this.#response.writableNeedDrain) this.#response.destroy()
    else this.#response.end(`: ${comment}\n\n`)
  }

  [Symbol.dispose](): void {
    clearInterval(this.#heartbeat)
  }

  #write(text: string): void {
    if (!this.#response.writableNeedDrain && !this.#response.destroyed) this.#response.write(text)
  }
}

/** Whether a client asks for events rather than one answer; one that takes either is given one answer. */
export function wantsEvents(accept: string | undefined): boolean {
  if (!accept?.includes(EVENT_STREAM_TYPE)) return false
  const types = new Set(accept.split(',').map((range) => range.split(';')[0]!.trim().toLowerCase()))
  return types.has(EVENT_STREAM_TYPE) && !types.has('application/json')
}
