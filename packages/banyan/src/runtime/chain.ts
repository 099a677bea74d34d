import { Deadline } from '../kernel/deadline.ts'
import { derivedId } from '../kernel/id.ts'
import type { Identity } from '../model/access.ts'
import type { Envelope } from '../network/envelope.ts'
import { childSpan } from '../observe/trace.ts'

/**
 * The envelope of a call made while another is being handled: same identity and correlation, no more time than is left, a new span. Its
 * idempotency key is derived from the parent's and the place of the call, so that a repeated parent repeats the call under the same key.
 * Key and span are made when asked for: a query in process needs neither.
 */
export class ChainedEnvelope implements Envelope {
  readonly identity: Identity
  readonly caller: string | undefined
  readonly correlation: string
  readonly causation: string
  readonly causedBy: Envelope['causedBy']
  readonly deadline: Deadline
  readonly signal: AbortSignal
  readonly #parent: Envelope
  readonly #place: readonly (string | number)[]
  #key: string | undefined
  #traceparent: string | undefined

  constructor(parent: Envelope, caller: string | undefined, place: readonly (string | number)[], options: { milliseconds: number; key?: string | undefined }) {
    this.identity = parent.identity
    this.caller = caller
    this.correlation = parent.correlation
    this.causation = parent.causation
    this.causedBy = parent.causedBy
    this.deadline = Deadline.in(options.milliseconds, parent.deadline)
    this.signal = parent.signal
    this.#parent = parent
    this.#place = place
    this.#key = options.key
  }

  get key(): string {
    this.#key ??= derivedId(this.#parent.key, this.caller ?? '', this.identity.tenant, this.identity.subject, ...this.#place)
    return this.#key
  }

  get traceparent(): string {
    this.#traceparent ??= childSpan(this.#parent.traceparent)
    return this.#traceparent
  }
}
