import { once } from 'node:events'
import type { Exchange } from './exchange.ts'
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
  readonly #exchange: Pick<Exchange, 'response' | 'fields' | 'bytes'>
  readonly #response: Exchange['response']
  readonly #heartbeat: NodeJS.Timeout

  /** Begins the answer. */
  constructor(exchange: Pick<Exchange, 'response' | 'fields' | 'bytes'>, { heartbeatMs, retryMs, last }: EventStreamOptions) {
    this.#exchange = exchange
    this.#response = exchange.response
    // what gathers answers before it passes them on (nginx does) is asked not to
    const fields = Object.entries(exchange.fields ?? {}).flat()
    const head = ['content-type', EVENT_STREAM_TYPE, 'x-accel-buffering', 'no', ...commonHeaders, ...fields, ...(last ? ['connection', 'close'] : [])]
    this.#response.writeHead(200, head)
    this.#put(`retry: ${retryMs}\n\n`)
    this.#heartbeat = setInterval(() => this.#write(': still here\n\n'), heartbeatMs).unref()
  }

  send({ event, id, data }: StreamEvent): void {
    const fields = [...(event === undefined ? [] : [`event: ${event}`]), ...(id === undefined ? [] : [`id: ${id}`]), `data: ${data}`]
    this.#put(`${fields.join('\n')}\n\n`)
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
    if (!this.#response.writableNeedDrain && !this.#response.destroyed) this.#put(text)
  }

  #put(text: string): void {
    this.#exchange.bytes += Buffer.byteLength(text)
    this.#response.write(text)
  }
}

/** Whether a client asks for events rather than one answer; one that takes either is given one answer. */
export function wantsEvents(accept: string | undefined): boolean {
  if (!accept?.includes(EVENT_STREAM_TYPE)) return false
  const types = new Set(accept.split(',').map((range) => range.split(';')[0]!.trim().toLowerCase()))
  return types.has(EVENT_STREAM_TYPE) && !types.has('application/json')
}
