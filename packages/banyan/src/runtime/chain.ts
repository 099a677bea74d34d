import { keyOf } from '../events/keys.ts'
import { Deadline } from '../kernel/deadline.ts'
import { derivedId } from '../kernel/id.ts'
import type { Identity } from '../model/access.ts'
import type { AnyOperation } from '../model/operation.ts'
import type { Envelope } from '../network/envelope.ts'
import type { Session } from '../network/session.ts'
import { childSpan } from '../observe/trace.ts'

/** What tells a call from the others that are made while the same envelope is handled. */
export interface ChainedCall {
  readonly caller: string | undefined
  readonly operation: AnyOperation
  /** Its number among those calls. */
  readonly ordinal: number
  /** The most time it may take. */
  readonly milliseconds: number
  /** A key to use instead of the derived one, as it was said. */
  readonly key: string | undefined
}

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
  readonly session: Session
  readonly #parent: Envelope
  readonly #operation: AnyOperation
  readonly #ordinal: number
  readonly saidKey: string | undefined
  #key: string | undefined
  #traceparent: string | undefined

  constructor(parent: Envelope, { caller, operation, ordinal, milliseconds, key }: ChainedCall) {
    this.identity = parent.identity
    this.caller = caller
    this.correlation = parent.correlation
    this.causation = parent.causation
    this.causedBy = parent.causedBy
    this.deadline = Deadline.in(milliseconds, parent.deadline)
    this.session = parent.session
    this.#parent = parent
    this.#operation = operation
    this.#ordinal = ordinal
    this.#key = key === undefined ? undefined : keyOf(key)
    this.saidKey = key === this.#key ? undefined : key
  }

  get signal(): AbortSignal {
    return this.#parent.signal
  }

  get aborted(): boolean {
    return this.#parent.aborted
  }

  get key(): string {
    this.#key ??= this.#derivedKey()
    return this.#key
  }

  get traceparent(): string {
    this.#traceparent ??= childSpan(this.#parent.traceparent)
    return this.#traceparent
  }

  #derivedKey(): string {
    const { service, name } = this.#operation
    const { tenant, subject } = this.identity
    return derivedId(this.#parent.key, this.caller ?? '', tenant, subject, service, name, this.#ordinal)
  }
}
