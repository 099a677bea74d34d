import { Readable } from 'node:stream'
import type { BanyanError } from '../kernel/errors.ts'
import { fieldRecord, passedFields } from './answer-headers.ts'
import type { EdgeAnswer } from './exchange.ts'
import type { AnswerSink } from './hop.ts'
import { mayFail } from './http1/body-sender.ts'
import type { Flow } from './http1/call.ts'

/** The body of an upstream's answer, read from it no faster than it is taken. */
export class AnswerBody extends Readable {
  /** Names and values in turn; known at its end. */
  trailers: readonly string[] = []
  readonly #flow: Flow

  constructor(flow: Flow) {
    super()
    this.#flow = flow
    mayFail(this)
  }

  override _read(): void {
    this.#flow.resume()
  }
}

/**
 * An answer for policies to look at. One that comes whole in the turn of its head, as most do, has its body as bytes; of any other they see the
 * head as soon as it is there, and the body as a stream.
 */
export class UpstreamAnswer implements AnswerSink {
  readonly promise: Promise<EdgeAnswer>
  readonly #method: string
  readonly #informed: (status: number, fields: readonly string[]) => void
  readonly #resolve: (answer: EdgeAnswer) => void
  readonly #reject: (error: BanyanError) => void
  #head: Omit<EdgeAnswer, 'body'> | undefined
  /** What has come with the head, until its turn is over. */
  #first: Buffer | undefined
  #flow: Flow | undefined
  #body: AnswerBody | undefined
  #told = false

  constructor(method: string, informed: (status: number, fields: readonly string[]) => void) {
    const { promise, resolve, reject } = Promise.withResolvers<EdgeAnswer>()
    this.promise = promise
    this.#resolve = resolve
    this.#reject = reject
    this.#method = method
    this.#informed = informed
  }

  informed(status: number, fields: readonly string[]): void {
    this.#informed(status, fields)
  }

  begin(status: number, fields: string[], flow: Flow): void {
    this.#head = { status, headers: fieldRecord(passedFields(fields)) }
    if (this.#method === 'HEAD' || status === 204 || status === 304) return this.#tell(undefined)
    this.#flow = flow
    process.nextTick(tellAsStream, this)
  }

  data(chunk: Buffer, flow: Flow): void {
    if (this.#told) {
      if (this.#body !== undefined && !this.#body.destroyed && !this.#body.push(chunk)) flow.pause()
    } else if (this.#first === undefined) this.#first = chunk
    else {
      this.tellAsStream()
      this.data(chunk, flow)
    }
  }

  end(trailers: string[]): void {
    if (!this.#told && trailers.length === 0) return this.#tell(this.#first ?? nothing)
    this.tellAsStream()
    if (this.#body === undefined) return
    this.#body.trailers = trailers
    this.#body.push(null)
  }

  fail(error: BanyanError): void {
    if (this.#told) return void this.#body?.destroy(error)
    this.#told = true
    this.#reject(error)
  }

  /** More may come later than now. */
  tellAsStream(): void {
    if (this.#told) return
    this.#body = new AnswerBody(this.#flow!)
    if (this.#first !== undefined && !this.#body.push(this.#first)) this.#flow!.pause()
    this.#tell(this.#body)
  }

  #tell(body: EdgeAnswer['body']): void {
    this.#told = true
    this.#resolve({ ...this.#head!, body })
  }
}

const nothing = Buffer.alloc(0)

function tellAsStream(answer: UpstreamAnswer): void {
  answer.tellAsStream()
}
