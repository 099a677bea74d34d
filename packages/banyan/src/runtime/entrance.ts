import { Deadline } from '../kernel/deadline.ts'
import { uuidv7 } from '../kernel/id.ts'
import { LazySignal } from '../kernel/lazy-signal.ts'
import { OPERATOR, type Identity } from '../model/access.ts'
import type { Envelope } from '../network/envelope.ts'
import { Session } from '../network/session.ts'
import { newTrace } from '../observe/trace.ts'
import { identity } from '../security/identity.ts'
import type { Origin } from './calls.ts'

/** Time for a call through `running.call`. */
const CALL_MS = 30_000

/** Where chains of calls begin that no request began: each call is a chain of its own, all of them are one session. */
export class Entrance implements Origin {
  readonly caller: string | undefined
  readonly #identity: Identity
  readonly #session = new Session()

  constructor(who: Identity, caller: string | undefined) {
    this.#identity = who
    this.caller = caller
  }

  next(): number {
    return 0
  }

  get envelope(): Envelope {
    return new FirstEnvelope(this.#identity, this.#session)
  }
}

/** Whom no access rule stops. */
export function operator(): Origin {
  return new Entrance(identity({ subject: OPERATOR }), OPERATOR)
}

/** The envelope that a chain of calls begins with. Nobody gives it up. */
class FirstEnvelope implements Envelope {
  readonly identity: Identity
  readonly session: Session
  readonly caller = undefined
  readonly causedBy = 'command'
  readonly key: string = uuidv7()
  readonly deadline: Deadline = Deadline.in(CALL_MS)
  readonly aborted = false
  readonly #never = new LazySignal()
  #traceparent: string | undefined

  constructor(who: Identity, session: Session) {
    this.identity = who
    this.session = session
  }

  get correlation(): string {
    return this.key
  }

  get causation(): string {
    return this.key
  }

  get traceparent(): string {
    this.#traceparent ??= newTrace()
    return this.#traceparent
  }

  get signal(): AbortSignal {
    return this.#never.signal
  }
}
