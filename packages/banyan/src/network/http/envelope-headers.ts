import type { IncomingHttpHeaders } from 'node:http'
import { Deadline } from '../../kernel/deadline.ts'
import { BanyanError } from '../../kernel/errors.ts'
import { uuidv7 } from '../../kernel/id.ts'
import type { Identity } from '../../model/access.ts'
import type { Kind } from '../../model/operation.ts'
import type { AnswerFacts } from '../answer-facts.ts'
import type { Envelope } from '../envelope.ts'
import { Session } from '../session.ts'
import type { Exchange } from './exchange.ts'

export const KEY_HEADER = 'idempotency-key'
/** Between units: what the client said, where the key was made of it. */
export const SAID_KEY_HEADER = 'banyan-said-key'
export const DEADLINE_HEADER = 'banyan-deadline-ms'
export const CORRELATION_HEADER = 'banyan-correlation'
export const CAUSATION_HEADER = 'banyan-causation'
export const CAUSED_BY_HEADER = 'banyan-caused-by'
/** What the caller has written, and must see: comes with an answer, goes with the next request. */
export const SESSION_HEADER = 'banyan-session'

/** The key a request is recorded under, and what the client said where that is something else. */
interface Key {
  readonly key: string | undefined
  readonly said: string | undefined
}
const none: Key = { key: undefined, said: undefined }

interface Caller {
  readonly identity: Identity
  readonly caller: string | undefined
}

class RequestEnvelope implements Envelope {
  readonly identity: Identity
  readonly caller: string | undefined
  readonly deadline: Deadline
  readonly causedBy: Envelope['causedBy']
  readonly saidKey: string | undefined
  facts: AnswerFacts | undefined
  readonly #exchange: Exchange
  readonly #said: { readonly correlation: string | undefined; readonly causation: string | undefined }
  #key: string | undefined
  #session: Session | undefined

  /** `chain`: the headers that say what led here, where they are believed. */
  constructor(exchange: Exchange, who: Caller, deadline: Deadline, key: Key, chain: IncomingHttpHeaders) {
    this.#exchange = exchange
    this.#key = key.key
    this.saidKey = key.said
    this.#said = { correlation: identifier(chain, CORRELATION_HEADER), causation: identifier(chain, CAUSATION_HEADER) }
    this.identity = who.identity
    this.caller = who.caller
    this.deadline = deadline
    this.causedBy = chain[CAUSED_BY_HEADER] === 'event' ? 'event' : 'command'
  }

  get key(): string {
    this.#key ??= uuidv7()
    return this.#key
  }

  get correlation(): string {
    return this.#said.correlation ?? this.key
  }

  get causation(): string {
    return this.#said.causation ?? this.key
  }

  get traceparent(): string {
    return this.#exchange.traceparent
  }

  get session(): Session {
    this.#session ??= sessionOf(this.#exchange.request.headers)
    return this.#session
  }

  get signal(): AbortSignal {
    return this.#exchange.signal
  }

  get aborted(): boolean {
    return this.#exchange.aborted
  }
}

export interface EnvelopeRules {
  /** Turns a key that is no UUIDv7 into one. */
  readonly mapKey: (key: string) => string
  /** Milliseconds an answer may take where the request says nothing, and the most an outsider may ask for. */
  readonly deadlineMs: number
}

/** The envelope of a request from outside. Its chain begins here: the key is also correlation and causation, and whatever it claims to be caused by is ignored. */
export function outsideEnvelope(exchange: Exchange, identity: Identity, kind: Kind, rules: EnvelopeRules): Envelope {
  const { headers } = exchange.request
  const asked = askedDeadline(headers)
  const deadline = Deadline.in(asked === undefined ? rules.deadlineMs : Math.min(asked, rules.deadlineMs))
  return new RequestEnvelope(exchange, { identity, caller: undefined }, deadline, kind === 'command' ? outsideKey(headers, rules) : none, {})
}

/** The envelope of a call by another unit of the app, which is believed. */
export function peerEnvelope(exchange: Exchange, peer: Caller, kind: Kind, rules: EnvelopeRules): Envelope {
  const { headers } = exchange.request
  const key = identifier(headers, KEY_HEADER)
  if (kind === 'command' && key === undefined)
    throw new BanyanError('key_invalid', `a command of ${peer.caller ?? 'a unit'} came without an ${KEY_HEADER} header`)
  return new RequestEnvelope(
    exchange,
    peer,
    Deadline.in(askedDeadline(headers) ?? rules.deadlineMs),
    { key, said: identifier(headers, SAID_KEY_HEADER) },
    headers,
  )
}

function outsideKey(headers: IncomingHttpHeaders, rules: EnvelopeRules): Key {
  const given = headers[KEY_HEADER]
  if (given === undefined) return none
  if (typeof given !== 'string' || !/^[\u0021-\u007E]{1,255}$/.test(given)) {
    throw new BanyanError(
      'key_invalid',
      `Idempotency-Key is ${JSON.stringify(String(given).slice(0, 300))}; it needs 1 to 255 visible ASCII characters, best a UUIDv7`,
    )
  }
  const key = rules.mapKey(given)
  return { key, said: key === given ? undefined : given }
}

function identifier(headers: IncomingHttpHeaders, name: string): string | undefined {
  const given = headers[name]
  return typeof given === 'string' && /^[\u0021-\u007E]{1,255}$/.test(given) ? given : undefined
}

/** What the headers of a request or of an answer say was written. */
export function sessionOf(headers: IncomingHttpHeaders): Session {
  const given = headers[SESSION_HEADER]
  return given === undefined || given === '' ? new Session() : Session.read(String(given))
}

function askedDeadline(headers: IncomingHttpHeaders): number | undefined {
  const given = headers[DEADLINE_HEADER]
  if (given === undefined) return undefined
  if (typeof given !== 'string' || !/^\d{1,9}$/.test(given)) {
    throw new BanyanError('malformed_request', `${DEADLINE_HEADER} is ${JSON.stringify(given)}; it is a whole number of milliseconds`)
  }
  return Number(given)
}

/** What `banyan-deadline-ms` says of a deadline: at least 1, at most 11 days. */
export function timeLeft(deadline: Deadline): string {
  return String(Math.min(999_999_999, Math.max(1, Math.floor(deadline.left()))))
}
