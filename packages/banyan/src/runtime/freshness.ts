import type { EventLog } from '../events/log.ts'
import type { Subscription } from '../events/subscription.ts'
import { Deadline } from '../kernel/deadline.ts'
import type { Consistency } from '../model/operation.ts'
import type { Envelope } from '../network/envelope.ts'
import type { Session } from '../network/session.ts'

/** The longest that a reader waits for projections, in milliseconds; the request's own deadline may be earlier. */
const PATIENCE_MS = 5_000

/** Lets readers wait until the projections of a service have seen enough. */
export class Freshness {
  readonly #service: string
  readonly #log: EventLog
  readonly #projections: Subscription[] = []
  readonly #known = Promise.withResolvers<void>()
  #complete = false

  constructor(service: string, log: EventLog) {
    this.#service = service
    this.#log = log
  }

  add(projection: Subscription): void {
    this.#projections.push(projection)
  }

  /** All projections are added. Until then readers wait: a unit is reached over HTTP a moment before it knows how far its projections are. */
  complete(): void {
    this.#complete = true
    this.#known.resolve()
  }

  /** `undefined`, or a promise for the time when it is so. That rejects with `deadline_exceeded`, naming the projection that is behind. */
  reached(consistency: Consistency, envelope: Pick<Envelope, 'session' | 'deadline' | 'signal'>): Promise<unknown> | undefined {
    // a session is read from its header only where it is asked for
    if (consistency === 'eventual') return undefined
    const { session, deadline } = envelope
    if (consistency === 'session' && session.empty) return undefined
    const { signal } = envelope
    const until = Deadline.in(PATIENCE_MS, deadline)
    const wait = () => {
      const waits = session.empty ? [] : this.#projections.flatMap((projection) => caughtUp(projection, session, until, signal))
      if (consistency === 'strong') waits.push(this.#seesAll(until, signal))
      return waits.length === 0 ? undefined : Promise.all(waits)
    }
    return this.#complete ? wait() : this.#known.promise.then(wait)
  }

  /** Notes all that is committed by now. */
  readonly noteEnds = async (session: Session): Promise<void> => {
    const { positions } = await this.#log.heads()
    session.note(
      this.#service,
      Array.from(positions, ([partition, position]) => ({ partition, position })),
    )
  }

  async #seesAll(until: Deadline, signal: AbortSignal): Promise<void> {
    const own = this.#projections.filter(({ source }) => source === this.#service)
    if (own.length === 0) return
    const { positions } = await this.#log.heads()
    await Promise.all(own.map((projection) => projection.caughtUp(positions, until, signal)))
  }
}

function caughtUp(projection: Subscription, session: Session, until: Deadline, signal: AbortSignal): Promise<void>[] {
  const positions = session.of(projection.source)
  return positions ? [projection.caughtUp(positions, until, signal)] : []
}
