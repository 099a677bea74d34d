import type { Duplex } from 'node:stream'
import { BanyanError } from '../../kernel/errors.ts'
import type { Exchange } from './exchange.ts'

const SWEEP_MS = 25

/** The requests being answered: bounds their number, watches their deadlines, and knows when none is left. */
export class RequestsInFlight {
  readonly #limit: number
  readonly #late: (exchange: Exchange, error: BanyanError) => void
  readonly #ended: (exchange: Exchange) => void
  readonly #open = new Set<Exchange>()
  #counted = 0
  #timer: NodeJS.Timeout | undefined
  #onEmpty: (() => void) | undefined
  #closing = false

  /** `late` answers for a request whose deadline has passed; `ended` is told of each whose response is closed. */
  constructor(limit: number, late: (exchange: Exchange, error: BanyanError) => void, ended: (exchange: Exchange) => void = () => undefined) {
    this.#limit = limit
    this.#late = late
    this.#ended = ended
  }

  get size(): number {
    return this.#open.size
  }

  /** Share of the limited places that are taken. */
  get share(): number {
    return this.#counted / this.#limit
  }

  /** Keeps an exchange until its response is closed. */
  open(exchange: Exchange): void {
    this.#open.add(exchange)
    exchange.response.on('close', () => {
      this.#open.delete(exchange)
      if (exchange.counted) this.#counted--
      this.#ended(exchange)
      if (!exchange.response.writableFinished)
        exchange.abort(new BanyanError('cancelled', 'the caller closed the connection before the answer', { executed: 'maybe' }))
      if (this.#open.size === 0) this.#onEmpty?.()
    })
  }

  /** Gives one of the limited places, until the response is closed. Throws `overloaded` when all are taken. */
  admit(exchange: Exchange): void {
    if (this.#counted >= this.#limit) throw new BanyanError('overloaded', `${this.#limit} requests are being answered here already; try again in a moment`)
    exchange.counted = true
    this.#counted++
  }

  /** Gives the place back, and takes away the deadline, of an exchange whose answer has begun and may last. */
  release(exchange: Exchange): void {
    exchange.deadline = undefined
    if (exchange.counted) this.#counted--
    exchange.counted = false
  }

  /** Answers `deadline_exceeded` once the exchange's deadline has passed, at most 50 ms late; one timer serves all. */
  watch(): void {
    this.#timer ??= setInterval(() => this.#sweep(), SWEEP_MS).unref()
  }

  #sweep(): void {
    // a little late on purpose: whoever works on the request can say better what it was waiting for
    const now = performance.now() - SWEEP_MS
    for (const exchange of this.#open) {
      if (exchange.deadline === undefined || exchange.deadline.at > now || exchange.aborted) continue
      const error = new BanyanError('deadline_exceeded', 'no answer in the time allowed', { executed: 'maybe' })
      exchange.abort(error)
      this.#late(exchange, error)
    }
    if (this.#open.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  /** The exchange on a connection whose answer has begun; `undefined`: there is none. */
  answering(socket: Duplex): Exchange | undefined {
    for (const exchange of this.#open) if (exchange.request.socket === socket && exchange.response.headersSent) return exchange
    return undefined
  }

  /** Marks an exchange that only waits for news: a server that closes lets go of it. */
  wait(exchange: Exchange): void {
    exchange.waits = true
    if (this.#closing) exchange.abort(new BanyanError('draining', 'this process is shutting down'))
  }

  /** Lets go of those that only wait for news, also of later ones, and resolves when none is left. */
  async drained(): Promise<void> {
    this.#closing = true
    for (const exchange of this.#open) if (exchange.waits) this.wait(exchange)
    if (this.#open.size > 0) await new Promise<void>((resolve) => (this.#onEmpty = resolve))
  }

  /** Gives up on those that are left: their connections are about to be cut. */
  [Symbol.dispose](): void {
    for (const exchange of this.#open)
      exchange.abort(new BanyanError('draining', 'this process is shutting down and could wait no longer', { executed: 'maybe' }))
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}
