import { BanyanError } from '../../kernel/errors.ts'
import type { Exchange } from './exchange.ts'

/** Those who watch queries: bounds how many there are, and how many of them are being answered anew at once. */
export class Watchers {
  readonly #limit: number
  readonly #turns: number
  readonly #waiting: (() => void)[] = []
  #count = 0
  #busy = 0

  constructor(limit: number, turns: number) {
    this.#limit = limit
    this.#turns = turns
  }

  /** Gives one of the limited places, until the response is closed. Throws `overloaded` when all are taken. */
  join({ response }: Exchange): void {
    if (this.#count >= this.#limit) throw new BanyanError('overloaded', `${this.#limit} queries are being watched here already; try again in a moment`)
    this.#count++
    response.on('close', () => this.#count--)
  }

  /** Runs `work` when it is its turn: first come, first served. */
  async turn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#busy >= this.#turns) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    else this.#busy++
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      // the turn is passed on, so that nobody who comes in between takes it
      if (next) next()
      else this.#busy--
    }
  }
}
