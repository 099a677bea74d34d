import type { IncomingHttpHeaders } from 'node:http'
import { Readable } from 'node:stream'
import type { BanyanError } from '../kernel/errors.ts'
import { visibleAnswerHeaders } from './answer-headers.ts'
import type { EdgeAnswer } from './exchange.ts'
import type { AnswerSink, Flow } from './hop.ts'

/** The body of an upstream's answer, read from it no faster than it is taken. */
export class AnswerBody extends Readable {
  /** Known at its end. */
  trailers: IncomingHttpHeaders = {}
  readonly #flow: Flow

  constructor(flow: Flow) {
    super()
    this.#flow = flow
  }

  override _read(): void {
    this.#flow.resume()
  }
}

/** An answer for policies to look at: its head as soon as it is there, its body as a stream. */
export class UpstreamAnswer implements AnswerSink {
  readonly promise: Promise<EdgeAnswer>
  readonly #method: string
  readonly #informed: (status: number, headers: IncomingHttpHeaders) => void
  readonly #resolve: (answer: EdgeAnswer) => void
  readonly #reject: (error: BanyanError) => void
  #body: AnswerBody | undefined
  #begun = false

  constructor(method: string, informed: (status: number, headers: IncomingHttpHeaders) => void) {
    const { promise, resolve, reject } = Promise.withResolvers<EdgeAnswer>()
    this.promise = promise
    this.#resolve = resolve
    this.#reject = reject
    this.#method = method
    this.#informed = informed
  }

  informed(status: number, headers: IncomingHttpHeaders): void {
    this.#informed(status, headers)
  }

  begin(status: number, headers: IncomingHttpHeaders, flow: Flow): void {
    this.#begun = true
    if (this.#method !== 'HEAD' && status !== 204 && status !== 304) this.#body = new AnswerBody(flow)
    this.#resolve({ status, headers: visibleAnswerHeaders(headers), body: this.#body })
  }

  data(chunk: Buffer, flow: Flow): void {
    if (this.#body !== undefined && !this.#body.destroyed && !this.#body.push(chunk)) flow.pause()
  }

  end(trailers: IncomingHttpHeaders): void {
    if (this.#body === undefined) return
    this.#body.trailers = trailers
    this.#body.push(null)
  }

  fail(error: BanyanError): void {
    if (!this.#begun) this.#reject(error)
    else this.#body?.destroy(error)
  }
}
