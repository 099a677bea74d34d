import { BanyanError } from '../kernel/errors.ts'
import type { AnyOperation } from '../model/operation.ts'
import type { Endpoint, Instance } from './balance/endpoint.ts'
import { envelopeWith, type Envelope } from './envelope.ts'
import type { RemoteUnit } from './http/client.ts'
import { backoff } from './resilience/backoff.ts'
import { bulkhead, type Bulkhead, type BulkheadStatus } from './resilience/bulkhead.ts'
import { outcomeOf, type Outcome } from './resilience/callee-failure.ts'
import { concurrencyLimit, type ConcurrencyLimit } from './resilience/concurrency.ts'
import { hedge, type Hedge, type HedgeStatus } from './resilience/hedge.ts'
import { isLeaving, isLost, withDoubt } from './resilience/lost.ts'
import { RetryBudget } from './resilience/retry-budget.ts'
import type { WayOptions } from './way-options.ts'
import { WayPeers, type PeerStatus, type Trial } from './way-peers.ts'

export interface WayStatus extends BulkheadStatus {
  readonly instances: readonly PeerStatus[]
  readonly hedging: HedgeStatus | undefined
  /** Attempts after the first, since the start, and how many more the budget allows now. */
  readonly repeats: number
  readonly repeatsLeft: number
}

export interface Way extends RemoteUnit {
  status(): WayStatus
}

/**
 * The way to the instances of a unit: a call waits for a place, goes to the instance that promises most, and if it is lost on that hop is
 * repeated on another, within attempts, deadline and budget; also, once, if the instance answers that it is leaving. Commands too: their
 * idempotency key lets them be executed once only.
 */
export function wayTo<I extends Instance>(options: WayOptions<I>): Way {
  return new UnitWay(options)
}

/** A call on this way. */
interface Request {
  readonly operation: AnyOperation
  readonly input: unknown
  readonly envelope: Envelope
  /** When it got its place. */
  readonly began: number
}

const NONE: readonly Endpoint[] = []

class UnitWay<I extends Instance> implements Way {
  readonly #peers: WayPeers<I>
  readonly #attempts: number
  readonly #budget = new RetryBudget()
  readonly #adaptive: ConcurrencyLimit | undefined
  readonly #places: Bulkhead
  readonly #hedging: Hedge | undefined
  #repeats = 0

  constructor(options: WayOptions<I>) {
    const { unit, policies = {} } = options
    const { bulkhead: room, hedging } = policies
    const most = room?.limit ?? 1_000
    const adaptive = policies.concurrency === false ? undefined : concurrencyLimit(policies.concurrency)
    const limit = adaptive ? () => Math.min(most, adaptive.limit() * Math.max(1, this.#peers.count)) : most
    this.#attempts = policies.attempts ?? 3
    this.#adaptive = adaptive
    this.#hedging = hedging && hedge({ budget: this.#budget, ...hedging })
    this.#places = bulkhead({ name: unit, limit, queue: room?.queue ?? most })
    this.#peers = new WayPeers(options)
  }

  // no async function, and one reading of the clock before and one after: this is what every call between units costs
  call(operation: AnyOperation, input: unknown, envelope: Envelope): Promise<unknown> {
    const began = performance.now()
    try {
      if (envelope.deadline.at <= began) envelope.deadline.check(nameOf(operation))
      const wait = this.#places.enter(envelope)
      if (wait) return wait.then(() => this.#placed({ operation, input, envelope, began: performance.now() }))
      return this.#placed({ operation, input, envelope, began })
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** Takes no place and is not repeated here. */
  feed(service: string, request: unknown, signal: AbortSignal): Promise<unknown> {
    return this.#peers.read(
      `${service}.feed`,
      (connection) => connection.feed(service, request, signal),
      (error) => endOf(error, signal.aborted),
    )
  }

  status(): WayStatus {
    return {
      ...this.#places.status(),
      repeats: this.#repeats,
      repeatsLeft: this.#budget.left(),
      instances: this.#peers.status(),
      hedging: this.#hedging?.status(),
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#peers[Symbol.asyncDispose]()
  }

  #placed(request: Request): Promise<unknown> {
    this.#budget.deposit(request.began)
    if (this.#hedging && request.operation.kind === 'query') return this.#leaving(request, this.#repeated(request, this.#hedging))
    let trial: Trial
    try {
      trial = this.#peers.begin(nameOf(request.operation), request.began, NONE)
    } catch (error) {
      return this.#leaving(request, Promise.reject(error))
    }
    return trial.peer.connection.call(request.operation, request.input, request.envelope).then(
      (value) => {
        const at = performance.now()
        this.#end(trial, 'success', at)
        this.#places.leave(at - request.began)
        return value
      },
      (error: unknown) => {
        this.#end(trial, endOf(error, request.envelope.aborted), performance.now())
        return this.#leaving(request, this.#repeated(request, undefined, { error, tried: [trial.peer.endpoint] }))
      },
    )
  }

  /** Gives the place back when it ends. */
  async #leaving(request: Request, end: Promise<unknown>): Promise<unknown> {
    try {
      return await end
    } finally {
      this.#places.leave(performance.now() - request.began)
    }
  }

  /** Attempts until one is answered; `first` has failed already. */
  async #repeated(request: Request, hedging: Hedge | undefined, first?: { readonly error: unknown; readonly tried: Endpoint[] }): Promise<unknown> {
    const { envelope } = request
    const tried = first?.tried ?? []
    let maybe = false
    let left = false
    let failed: { readonly error: unknown; readonly refused: boolean } | undefined = first && { error: first.error, refused: false }
    for (let number = 1; ; number++) {
      const before = tried.length
      try {
        if (!failed) {
          if (!hedging) return await this.#attempt(request, tried)
          return await hedging.run((_index, signal) => this.#attempt(request, tried, signal), envelope)
        }
      } catch (error) {
        failed = { error, refused: tried.length === before && this.#peers.count > 0 }
      }
      const { error, refused } = failed!
      failed = undefined
      maybe ||= BanyanError.is(error) && error.executed === 'maybe'
      // once only: what is leaving may stand further on, and then every hop would repeat it
      const leaving: boolean = isLeaving(error) && !left && this.#peers.hasOther(tried)
      left ||= leaving
      // where breakers refused, waiting a little does not help
      const lost = (isLost(error) && !refused) || leaving
      const again = lost && number < this.#attempts && !envelope.aborted && this.#budget.withdraw() && (await backoff(number, envelope))
      if (!again) throw withDoubt(error, maybe)
      this.#repeats++
    }
  }

  async #attempt({ operation, input, envelope }: Request, tried: Endpoint[], signal?: AbortSignal): Promise<unknown> {
    const trial = this.#peers.begin(nameOf(operation), performance.now(), tried)
    tried.push(trial.peer.endpoint)
    try {
      const value = await trial.peer.connection.call(operation, input, signal ? envelopeWith(envelope, { signal }) : envelope)
      this.#end(trial, 'success', performance.now())
      return value
    } catch (error) {
      this.#end(trial, endOf(error, signal?.aborted ?? envelope.aborted), performance.now())
      throw error
    }
  }

  #end(trial: Trial, outcome: Outcome, at: number): void {
    if (this.#adaptive && outcome !== 'abandoned') {
      const each = Math.ceil(this.#places.running / Math.max(1, this.#peers.count))
      this.#adaptive.record(at - trial.began, each, outcome === 'failure', at)
    }
    this.#peers.end(trial, outcome, at)
  }
}

/** What the end of a call tells of the callee. */
function endOf(error: unknown, aborted: boolean): Outcome {
  return aborted && !BanyanError.is(error, 'deadline_exceeded') ? 'abandoned' : outcomeOf(error)
}

function nameOf({ service, name }: AnyOperation): string {
  return `${service}.${name}`
}
