import { Deadline } from '../../kernel/deadline.ts'
import type { BanyanError } from '../../kernel/errors.ts'
import { LazySignal } from '../../kernel/lazy-signal.ts'
import { uuidv7 } from '../../kernel/id.ts'
import type { Identity } from '../../model/access.ts'
import { childSpan, newTrace } from '../../observe/trace.ts'
import type { AnswerFacts } from '../answer-facts.ts'
import type { Envelope } from '../envelope.ts'
import { Session } from '../session.ts'
import type { ReadCall } from './call-text.ts'

/** The envelope of a call that came over the wire, whose texts are read when they are asked for. */
export class CalledEnvelope implements Envelope {
  readonly identity: Identity
  readonly caller: string | undefined
  readonly deadline: Deadline
  /** Whether it only waits for news, so that a unit that leaves need not wait for it. */
  readonly waits: boolean
  facts: AnswerFacts | undefined
  readonly #read: ReadCall
  readonly #ended = new LazySignal()
  #key: string | undefined
  #traceparent: string | undefined
  #session: Session | undefined

  constructor(read: ReadCall, { identity, caller }: Pick<Envelope, 'identity' | 'caller'>, waits: boolean) {
    this.identity = identity
    this.caller = caller
    this.deadline = Deadline.in(read.milliseconds)
    this.waits = waits
    this.#read = read
  }

  get key(): string {
    this.#key ??= this.#read.key === '' ? uuidv7() : this.#read.key
    return this.#key
  }

  /** Whether the caller gave a key. */
  get keyed(): boolean {
    return this.#read.key !== ''
  }

  get saidKey(): string | undefined {
    return this.#read.saidKey || undefined
  }

  get correlation(): string {
    return this.#read.correlation
  }

  get causation(): string {
    return this.#read.causation
  }

  get causedBy(): Envelope['causedBy'] {
    return this.#read.causedBy
  }

  get traceparent(): string {
    this.#traceparent ??= this.#read.traceparent === '' ? newTrace() : childSpan(this.#read.traceparent)
    return this.#traceparent
  }

  get session(): Session {
    this.#session ??= this.#read.session === '' ? new Session() : Session.read(this.#read.session)
    return this.#session
  }

  /** What the caller is to be told was written; empty where nothing was. */
  get written(): string {
    return this.#session?.wrote ? String(this.#session) : ''
  }

  get signal(): AbortSignal {
    return this.#ended.signal
  }

  get aborted(): boolean {
    return this.#ended.aborted
  }

  abort(reason: BanyanError): void {
    this.#ended.abort(reason)
  }
}
