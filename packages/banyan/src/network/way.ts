import { BanyanError } from '../kernel/errors.ts'
import type { AnyOperation } from '../model/operation.ts'
import type { Endpoint, Instance } from './balance/endpoint.ts'
import type { EdgePolicies } from './edge-policies.ts'
import { envelopeWith, type Envelope } from './envelope.ts'
import type { RemoteUnit } from './http/client.ts'
import { Peers, type Attempt, type PeersOptions } from './peers.ts'
import { backoff } from './resilience/backoff.ts'
import { bulkhead, type Bulkhead } from './resilience/bulkhead.ts'
import { outcomeOf, type Outcome } from './resilience/callee-failure.ts'
import { concurrencyLimit, type ConcurrencyLimit } from './resilience/concurrency.ts'
import { hedge, type Hedge } from './resilience/hedge.ts'
import { isLeaving, isLost, isTurnedAway, withDoubt } from './resilience/lost.ts'
import { RetryBudget } from './resilience/retry-budget.ts'
import type { WayStatus } from './way-status.ts'

export type WayOptions<I extends Instance> = PeersOptions<I>

export interface Way extends RemoteUnit {
  status(): WayStatus
}

/**
 * The way to the instances of a unit: a call waits for a place, goes to the instance that promises most, and if it is lost on that hop is
 * repeated on another, within attempts, deadline and budget; also, once, if the instance answers that it is
 * leaving or has too much to do. Commands too: their idempotency key lets them be executed once only.
 */
export function wayTo<I extends Instance>(options: WayOptions<I>): Way {
  return new UnitWay(options)
}

interface Call {
  readonly operation: AnyOperation
  readonly input: unknown
  readonly envelope: Envelope
}

/**
 * Nearly all calls are answered at the first attempt, so that one takes the short way: one promise, and the clock read once before and once
 * after it. What waits, fails or is hedged goes on in functions that may cost more.
 */
class UnitWay<I extends Instance> implements Way {
  readonly #peers: Peers<I>
  readonly #places: Bulkhead
  readonly #adaptive: ConcurrencyLimit | undefined
  readonly #budget = new RetryBudget()
  readonly #hedging: Hedge | undefined
  readonly #attempts: number
  readonly #key: EdgePolicies['key']
  readonly #refused = { full: 0, late: 0, broken: 0, absent: 0 }
  #calls = 0
  #repeats = 0

  constructor(options: WayOptions<I>) {
    const { unit, policies = {} } = options
    const { concurrency, hedging, attempts = 3 } = policies
    const most = policies.bulkhead?.limit ?? 1_000
    const adaptive = concurrency && concurrencyLimit(concurrency)
    const peers = new Peers(options)
    this.#peers = peers
    this.#adaptive = adaptive
    this.#attempts = attempts
    this.#key = policies.key
    this.#hedging = hedging && hedge({ budget: this.#budget, ...hedging })
    this.#places = bulkhead({
      name: unit,
      limit: adaptive ? () => Math.min(most, adaptive.limit() * Math.max(1, peers.count)) : most,
      queue: policies.bulkhead?.queue ?? most,
    })
  }

  call(operation: AnyOperation, input: unknown, envelope: Envelope): Promise<unknown> {
    const call = { operation, input, envelope }
    this.#calls++
    const at = performance.now()
    try {
      // which reads the clock again, so only where the time is up
      if (envelope.deadline.at <= at) envelope.deadline.check(`${operation.service}.${operation.name}`)
      const place = this.#places.enter(envelope)
      if (!place) return this.#placed(call, at)
      return place.then(
        () => this.#placed(call, performance.now()),
        (error: unknown) => this.#refuse(error),
      )
    } catch (error) {
      return this.#refuse(error)
    }
  }

  /** A feed waits long for news, so it takes no place, is not repeated here, and its time tells nothing. */
  async feed(service: string, request: unknown, signal: AbortSignal): Promise<unknown> {
    const attempt = this.#peers.begin(performance.now(), { service, name: 'feed' })
    const end = (outcome: Outcome, why?: unknown) => this.#peers.end(attempt, outcome, performance.now(), false, why)
    try {
      const answer = await attempt.peer.connection.feed(service, request, signal)
      end('success')
      return answer
    } catch (error) {
      end(outcomeFor(signal, error), error)
      throw error
    }
  }

  status(): WayStatus {
    const { running, waiting, limit } = this.#places.status()
    return {
      calls: this.#calls,
      repeats: this.#repeats,
      refused: { ...this.#refused },
      retriesLeft: this.#budget.left(),
      running,
      waiting,
      limit,
      instances: this.#peers.status(),
      hedging: this.#hedging?.status(),
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#peers[Symbol.asyncDispose]()
  }

  /** A call that has its place since `at`, and leaves it. */
  #placed(call: Call, at: number): Promise<unknown> {
    this.#budget.deposit(at)
    if (this.#hedging && call.operation.kind === 'query') return this.#thenLeave(at, this.#hedged(call, this.#hedging))
    let attempt: Attempt
    try {
      attempt = this.#peers.begin(at, call.operation, this.#key && { key: this.#key(call.envelope) })
    } catch (error) {
      return this.#thenLeave(at, this.#again(call, [], error))
    }
    return send(attempt, call).then(
      (output) => {
        const now = performance.now()
        this.#end(attempt, 'success', now)
        this.#places.leave(now - at)
        return output
      },
      (error: unknown) => {
        this.#end(attempt, outcomeFor(call.envelope, error), performance.now(), error)
        return this.#thenLeave(at, this.#again(call, [attempt.peer.endpoint], error))
      },
    )
  }

  /** Fails a call that got no place. */
  #refuse(error: unknown): Promise<never> {
    if (BanyanError.is(error, 'overloaded')) this.#refused.full++
    if (BanyanError.is(error, 'deadline_exceeded')) this.#refused.late++
    return Promise.reject(error)
  }

  async #thenLeave(at: number, answer: Promise<unknown>): Promise<unknown> {
    try {
      return await answer
    } finally {
      this.#places.leave(performance.now() - at)
    }
  }

  async #hedged(call: Call, hedging: Hedge): Promise<unknown> {
    const tried: Endpoint[] = []
    const once = () => hedging.run((_index, signal) => this.#attempt({ ...call, envelope: envelopeWith(call.envelope, { signal }) }, tried), call.envelope)
    try {
      return await once()
    } catch (error) {
      return this.#again(call, tried, error, once)
    }
  }

  /** A call whose first attempt, at the instances `tried`, ended with `failure`: attempts it again while that can mend it. */
  async #again(call: Call, tried: Endpoint[], failure: unknown, once = () => this.#attempt(call, tried)): Promise<unknown> {
    let maybe = false
    let left = false
    let sent = tried.length > 0
    let everSent = sent
    let asked = 0
    for (let number = 1; ;) {
      maybe ||= BanyanError.is(failure) && failure.executed === 'maybe'
      // once only: what is leaving may stand further on, and then every hop would repeat it
      const leaving: boolean = (isLeaving(failure) || isTurnedAway(failure)) && !left && this.#peers.others(tried)
      left ||= leaving
      const refused = !sent && this.#peers.count > 0
      let again = (isLost(failure) || leaving) && !call.envelope.aborted
      // what breakers refused was no attempt
      if (refused) again &&= asked++ < this.#attempts && (await this.#askedAround(call.envelope, tried))
      else again &&= number < this.#attempts && this.#budget.withdraw() && (await backoff(number++, call.envelope))
      if (!again) {
        if (!sent && !everSent) this.#refused[refused ? 'broken' : 'absent']++
        throw withDoubt(failure, maybe)
      }
      if (!refused) this.#repeats++
      const before = tried.length
      try {
        return await once()
      } catch (error) {
        failure = error
        sent = tried.length > before
        everSent ||= sent
      }
    }
  }

  /** After breakers have refused: whether an instance says that it is ready, or else one was tried before, which may be tried again. */
  async #askedAround(envelope: Envelope, tried: Endpoint[]): Promise<boolean> {
    const others = this.#peers.others(tried)
    return (await this.#peers.ready(envelope, others ? tried : [])) || (others && tried.splice(0).length > 0)
  }

  /** One attempt, if possible at none of `tried`; notes there where it went. */
  async #attempt(call: Call, tried: Endpoint[]): Promise<unknown> {
    const attempt = this.#peers.begin(performance.now(), call.operation, { key: this.#key?.(call.envelope), tried })
    tried.push(attempt.peer.endpoint)
    try {
      const output = await send(attempt, call)
      this.#end(attempt, 'success', performance.now())
      return output
    } catch (error) {
      this.#end(attempt, outcomeFor(call.envelope, error), performance.now(), error)
      throw error
    }
  }

  #end(attempt: Attempt, outcome: Outcome, at: number, why?: unknown): void {
    this.#peers.end(attempt, outcome, at, true, why)
    if (this.#adaptive === undefined || outcome === 'abandoned') return
    const inFlight = Math.ceil(this.#places.running / Math.max(1, this.#peers.count))
    this.#adaptive.record(at - attempt.began, inFlight, outcome === 'failure', at)
  }
}

function send({ peer }: Attempt, { operation, input, envelope }: Call): Promise<unknown> {
  try {
    return peer.connection.call(operation, input, envelope)
  } catch (error) {
    return Promise.reject(error)
  }
}

/** Whoever gave up learnt nothing of the callee, unless it was because the time ran out. */
function outcomeFor(caller: { readonly aborted: boolean }, error: unknown): Outcome {
  return caller.aborted && !BanyanError.is(error, 'deadline_exceeded') ? 'abandoned' : outcomeOf(error)
}
