import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import type { BanyanError } from '../kernel/errors.ts'
import type { Identity } from '../model/access.ts'
import { fail } from '../network/http/dispatch.ts'
import { hasBody } from '../network/http/body.ts'
import type { Client } from './client.ts'
import type { Exchange } from '../network/http/exchange.ts'
import type { Answering } from '../network/http/foreign.ts'
import { anonymousIdentity } from '../security/identity.ts'
import type { AccessLog } from '../observe/access-log.ts'
import { answerHeaders, passedFields } from './answer-headers.ts'
import { AnswerWriter } from './answer-writer.ts'
import { edgeRequest } from './edge-request.ts'
import type { EdgeAnswer, EdgeRequest } from './exchange.ts'
import { Hop, type AnswerSink } from './hop.ts'
import type { Flow } from './http1/call.ts'
import { wayOf, type OpenRoute } from './open-routes.ts'
import { passedHeaders, requestHeaders } from './request-headers.ts'
import { AnswerBody, UpstreamAnswer } from './upstream-answer.ts'
import { arrivedBody, Upload, WholeBody } from './upload.ts'

export interface PassageOptions {
  readonly exchange: Exchange
  readonly route: OpenRoute
  readonly client: Client
  readonly surface: Answering
  readonly accessLog: AccessLog | undefined
}

const noFlow: Flow = { pause: () => undefined, resume: () => undefined }

/**
 * A request that passes the gateway. Without policies its answer is written as it comes; with them it is made into values that they look at
 * and change, and what they give back is written. Either way nothing is kept that can be passed on.
 */
export class Passage implements AnswerSink {
  readonly #options: PassageOptions
  readonly #writer: AnswerWriter
  #upload: Upload | undefined
  /** More than one where a policy asks again. */
  #hops: Hop[] = []
  #identity: Identity = anonymousIdentity
  #bytes = 0
  /** Why the upstream gave no answer; a policy may fail for reasons of its own. */
  #lost: unknown

  constructor(options: PassageOptions) {
    const { exchange, route, surface } = options
    const { request, response } = exchange
    this.#options = options
    this.#writer = new AnswerWriter(request, response, surface.leaving())
    route.meter.begin()
    route.way?.meter.begin()
    response.on('close', () => this.#closed())
  }

  start(): void {
    const { exchange, route } = this.#options
    const { request, response, body } = exchange
    if (!hasBody(request)) return this.#begin(undefined)
    if (Buffer.isBuffer(body)) return this.#begin(body)
    // what has come with the head is there once this event is over
    if (route.pipeline === undefined) return process.nextTick(beginWithBody, this, body)
    this.#upload = new Upload(body, response)
    void this.#pass(route.pipeline, this.#upload)
  }

  beginWithBody(request: IncomingMessage): void {
    const { response } = this.#options.exchange
    if (response.destroyed) return // the client has gone
    this.#begin(arrivedBody(request) ?? (this.#upload = new Upload(request, response)))
  }

  #begin(body: Upload | Buffer | undefined): void {
    const { exchange, route, client } = this.#options
    if (route.pipeline !== undefined) return void this.#pass(route.pipeline, Buffer.isBuffer(body) ? new WholeBody(body) : body)
    const { request, traceparent } = exchange
    const { upstream } = wayOf(route)
    const headers = requestHeaders(request.headers, { client, identity: anonymousIdentity, traceparent, keepHost: upstream.host === 'keep' })
    const target = targetText(exchange.target.path, exchange.target.query)
    this.#hop({ method: request.method!, target, headers, body, timeoutMs: upstream.timeoutMs, client: client.address }, this)
  }

  informed(status: number, fields: string[]): void {
    this.#writer.informed(status, fields)
  }

  begin(status: number, fields: string[]): void {
    this.#writer.begin(status, passedFields(fields))
  }

  data(chunk: Buffer, flow: Flow): void {
    this.#bytes += chunk.length
    this.#writer.data(chunk, flow)
  }

  end(trailers: string[]): void {
    this.#writer.end(trailers)
  }

  fail(error: BanyanError): void {
    this.#lost = error
    this.#refuse(error)
  }

  #refuse(error: BanyanError): void {
    const { exchange, surface } = this.#options
    if (exchange.response.headersSent) {
      if (error.code !== 'cancelled') surface.log.warn('an answer was cut short', { route: this.#options.route.route.name, error })
      this.#writer.cut()
    } else {
      exchange.endpoint = { to: 'outside', unavailable: error === this.#lost ? this.#options.route.way?.excuse : undefined }
      fail(error, exchange, surface)
    }
  }

  #hop(outgoing: ConstructorParameters<typeof Hop>[1], sink: AnswerSink): void {
    const hop = new Hop(wayOf(this.#options.route), outgoing, sink)
    this.#hops.push(hop)
    hop.start()
  }

  async #pass(pipeline: NonNullable<OpenRoute['pipeline']>, body: Readable | undefined): Promise<void> {
    try {
      const { exchange, route, client } = this.#options
      const answer = await pipeline(edgeRequest(exchange, route.route, client, body), (request) => this.#ask(request))
      if (this.#options.exchange.answered) return
      await this.#write(answer)
    } catch (error) {
      this.#refuse(error as BanyanError)
    }
  }

  async #ask(request: EdgeRequest): Promise<EdgeAnswer> {
    const { client, route } = this.#options
    const { upstream } = wayOf(route)
    this.#identity = request.identity
    const { method, path, query, traceparent, identity } = request
    // nobody has read it: so it can be sent again
    const body = request.body instanceof WholeBody && !request.body.readableDidRead ? request.body.bytes : request.body
    const headers = passedHeaders(request.headers, { client, identity, traceparent, keepHost: upstream.host === 'keep' })
    const answer = new UpstreamAnswer(method, (status, early) => this.#writer.informed(status, early))
    this.#hop({ method, target: targetText(path, query), headers, body, timeoutMs: upstream.timeoutMs, client: request.client }, answer)
    try {
      return await answer.promise
    } catch (error) {
      this.#lost = error
      throw error
    }
  }

  /** Writes what the policies gave back. */
  async #write({ status, headers, body }: EdgeAnswer): Promise<void> {
    const writer = this.#writer
    if (body instanceof Readable && (body.destroyed || body.readableEnded)) throw (this.#lost = body.errored ?? spent())
    writer.begin(status, answerHeaders(headers))
    if (!(body instanceof Readable)) {
      if (body !== undefined) this.data(body, noFlow)
      return writer.end([])
    }
    const flow = { pause: () => void body.pause(), resume: () => void body.resume() }
    await new Promise<void>((resolve, reject) => {
      body.on('data', (chunk: Buffer) => this.data(chunk, flow))
      body.once('end', resolve).once('error', reject)
      body.once('close', () => reject(spent()))
    })
    writer.end(body instanceof AnswerBody ? body.trailers : [])
  }

  /** The answer is over, or the client has gone. */
  #closed(): void {
    const { exchange, route, accessLog, client } = this.#options
    const { request, response, began } = exchange
    this.#writer[Symbol.dispose]()
    for (const hop of this.#hops) hop.abandon()
    this.#upload?.destroy()
    const status = response.writableFinished || response.headersSent ? response.statusCode : 0
    const now = performance.now()
    route.meter.end(exchange, status, began, now)
    route.way?.meter.end(status, began, now)
    accessLog?.({
      request,
      status,
      ms: now - began,
      bytes: this.#bytes,
      client: client.address,
      identity: this.#identity,
      route: route.route.name,
      upstream: route.route.to,
      traceparent: exchange.traceparent,
      cache: exchange.cache,
      refused: exchange.refused,
    })
  }
}

function beginWithBody(passage: Passage, request: IncomingMessage): void {
  passage.beginWithBody(request)
}

function spent(): Error {
  return new Error('the body was closed before its end, or somebody has read it')
}

function targetText(path: string, query: string): string {
  return query === '' ? path : `${path}?${query}`
}
