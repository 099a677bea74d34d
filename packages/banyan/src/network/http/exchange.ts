import type { Deadline } from '../../kernel/deadline.ts'
import type { BanyanError } from '../../kernel/errors.ts'
import { LazySignal } from '../../kernel/lazy-signal.ts'
import type { Identity } from '../../model/access.ts'
import { childSpan, newTrace } from '../../observe/trace.ts'
import type { HttpBody, HttpRequest, HttpResponse } from './message.ts'
import type { OutcomeMeter, Outcome } from './outcome-meter.ts'
import type { ProblemContext } from './problem.ts'
import { targetOf, type Target } from './request-target.ts'

/** One request and its answer. */
export class Exchange<Response extends HttpResponse = HttpResponse> {
  readonly request: HttpRequest
  readonly response: Response
  readonly body: HttpBody
  readonly target: Target
  /** What it is for, once that is known. */
  endpoint: Pick<ProblemContext, 'to' | 'operation' | 'unavailable'> = { to: 'outside' }
  /** What counts it. */
  meter: OutcomeMeter | undefined
  /** Set once it is known how long the answer may take. */
  deadline: Deadline | undefined
  /** Header fields of the answer, whatever it is. */
  fields: Readonly<Record<string, string>> | undefined
  /** Whether it only waits for news, so that a server that closes need not wait for it. */
  waits = false
  /** Whether it holds one of the limited places. */
  counted = false
  /** Ends an answer that is written as a whole and waits only for what the caller still sends; `undefined`: there is none such. */
  finish: (() => void) | undefined
  readonly began: number = performance.now()
  /** The address of who asks, where it is to be taken down. */
  client: string | undefined
  /** Who asks, once that is known. */
  identity: Identity | undefined
  /** Bytes of the body of its answer. */
  bytes = 0
  /** Where its answer came from, where there is a cache. */
  cache: Outcome['cache']
  /** What turned it away. */
  refused: Outcome['refused']
  readonly #ended = new LazySignal()
  #traceparent: string | undefined

  constructor(request: HttpRequest, response: Response, body: HttpBody) {
    this.request = request
    this.response = response
    this.body = body
    this.target = targetOf(request.url ?? '/')
  }

  /** The caller's trace with a span for this request; a new trace where the caller brought none. */
  get traceparent(): string {
    const { traceparent } = this.request.headers
    this.#traceparent ??= typeof traceparent === 'string' ? childSpan(traceparent) : newTrace()
    return this.#traceparent
  }

  /** Aborts when the caller gives up, the deadline passes or, where the request only waits, the server closes. */
  get signal(): AbortSignal {
    return this.#ended.signal
  }

  get aborted(): boolean {
    return this.#ended.aborted
  }

  abort(reason: BanyanError): void {
    this.#ended.abort(reason)
  }

  /** Whether nothing more can be said: an answer has begun, or the caller is gone. */
  get answered(): boolean {
    return this.response.headersSent || this.response.destroyed
  }
}
