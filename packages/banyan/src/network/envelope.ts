import type { Deadline } from '../kernel/deadline.ts'
import type { Identity } from '../model/access.ts'
import type { AnswerFacts } from './answer-facts.ts'
import type { Session } from './session.ts'

/** What goes with every call, in process and over the network. */
export interface Envelope {
  readonly identity: Identity
  /** The service that calls; `undefined` when the request came from outside. */
  readonly caller: string | undefined
  /** The idempotency key, for commands: a UUID; what the client said that is no UUIDv7 is mapped to one at the edge. */
  readonly key: string
  /** What the client said as the key, where `key` was made of it: by this name it is told to the client. */
  readonly saidKey?: string | undefined
  /** What began the chain: the key of the first command or the id of the first event. */
  readonly correlation: string
  /** The nearest recorded cause: the id of the event whose handling led here, or the key of the command that began the chain. */
  readonly causation: string
  readonly causedBy: 'command' | 'event'
  readonly deadline: Deadline
  /** W3C trace context, `00-<trace>-<span>-<flags>`. */
  readonly traceparent: string
  /** What the caller has written so far; whoever commits something for it notes it there. */
  readonly session: Session
  /** Aborts when the caller gives up. Made when asked for, since most calls end without anybody looking at it. */
  readonly signal: AbortSignal
  /** Whether it has aborted; asking this makes no signal. */
  readonly aborted: boolean
  /** Set by what answered it, in this process or over the wire, where its answers are cached: where this one came from. */
  facts?: AnswerFacts | undefined
}

/**
 * An envelope in another session, or with another signal. All else is asked of the first one, which may work it out when it is asked, in
 * private fields that an object made from it does not have.
 */
export function envelopeWith(envelope: Envelope, { session, signal }: Partial<Pick<Envelope, 'session' | 'signal'>>): Envelope {
  return {
    identity: envelope.identity,
    caller: envelope.caller,
    saidKey: envelope.saidKey,
    causedBy: envelope.causedBy,
    deadline: envelope.deadline,
    get key() {
      return envelope.key
    },
    get correlation() {
      return envelope.correlation
    },
    get causation() {
      return envelope.causation
    },
    get traceparent() {
      return envelope.traceparent
    },
    get session() {
      return session ?? envelope.session
    },
    get signal() {
      return signal ?? envelope.signal
    },
    get aborted() {
      return signal ? signal.aborted : envelope.aborted
    },
  }
}
