import { BanyanError } from '../../kernel/errors.ts'
import type { AnyOperation } from '../../model/operation.ts'
import { backoff } from '../resilience/backoff.ts'
import { isLost, markAnswered, withDoubt } from '../resilience/lost.ts'
import { RetryBudget } from '../resilience/retry-budget.ts'
import { fromProblem, isProblem } from './problem.ts'
import { retryAfterMs } from './retry-after.ts'
import { Transport, type Answer, type Attempt, type TransportOptions } from './transport.ts'

export interface HopOptions extends TransportOptions {
  /** Attempts at one request, the first included; 3 unless said. */
  readonly attempts?: number
  /** Requests under way at once; 1,000 unless said. More are refused as `overloaded`. */
  readonly inFlight?: number
}

export interface HopRequest extends Omit<Attempt, 'headers' | 'name'> {
  readonly operation: AnyOperation
  /** Headers of the next attempt: the time left shrinks. */
  headers(): string[]
  /** Told the headers of the answer, whatever it is. */
  heard?(headers: Answer['headers']): void
}

/**
 * The way to one origin. A request that this hop loses is tried again: it carries its idempotency key, or changes nothing. What the other
 * side answers is never retried here, also when it is that something further on could not be reached: only the hop next to a failure
 * retries, or retries would multiply along the chain. Retries are bounded by attempts, by the deadline and by a budget.
 */
export class Hop implements AsyncDisposable {
  readonly #origin: string
  readonly #transport: Transport
  readonly #budget = new RetryBudget()
  readonly #attempts: number
  readonly #limit: number
  #inFlight = 0

  constructor(origin: string, { attempts = 3, inFlight = 1_000, ...options }: HopOptions = {}) {
    this.#origin = origin
    this.#transport = new Transport(origin, options)
    this.#attempts = attempts
    this.#limit = inFlight
  }

  /** The output of an operation. Throws the error that the other side answered, or `unavailable`, `deadline_exceeded`, `cancelled`, `overloaded` of its own. */
  async call(request: HopRequest): Promise<unknown> {
    const name = `${request.operation.service}.${request.operation.name}`
    if (this.#inFlight >= this.#limit) throw new BanyanError('overloaded', `${name}: ${this.#limit} calls to ${this.#origin} are under way already`)
    request.deadline.check(name)
    this.#inFlight++
    this.#budget.deposit()
    try {
      return await this.#try(name, request)
    } finally {
      this.#inFlight--
    }
  }

  async #try(name: string, request: HopRequest): Promise<unknown> {
    let maybe = false
    for (let attempt = 1; ; attempt++) {
      try {
        const answer = await this.#transport.send({ ...request, name, headers: request.headers() })
        request.heard?.(answer.headers)
        return read(answer, request.operation, name)
      } catch (error) {
        maybe ||= BanyanError.is(error) && error.executed === 'maybe'
        const again = isLost(error) && attempt < this.#attempts && this.#budget.withdraw() && (await backoff(attempt, request))
        if (!again) throw withDoubt(error, maybe)
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#transport[Symbol.asyncDispose]()
  }
}

function read({ status, headers, body }: Answer, operation: AnyOperation, name: string): unknown {
  if (status === 204) return undefined
  const value = json(body)
  if (status === 200 && value !== undefined) return value
  const asked = retryAfterMs(headers['retry-after'])
  const error =
    status === 200
      ? new BanyanError('unavailable', `${name} was answered 200 with something that is not JSON`, { executed: 'maybe' })
      : fromProblem(value, status, operation, asked === undefined ? {} : { retryAfterMs: asked })
  if (isProblem(value)) markAnswered(error)
  throw error
}

function json(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString())
  } catch {
    return undefined // by something in between; the status tells the rest
  }
}
