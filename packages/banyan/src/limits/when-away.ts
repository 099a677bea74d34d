import { BanyanError } from '../kernel/errors.ts'
import type { Limiter, Taken } from './decision.ts'

/**
 * A shared limit that may be away. `open`: then this process decides by a count of its own, so that the limit holds for each process.
 * `closed`: then everything is refused as `unavailable`.
 */
export class WhenAway implements Limiter {
  readonly #shared: Limiter
  readonly #own: Limiter | 'closed'

  constructor(shared: Limiter, own: Limiter | 'closed') {
    this.#shared = shared
    this.#own = own
  }

  async take(key: string, cost: number): Promise<Taken> {
    try {
      return lenient(await this.#shared.take(key, cost))
    } catch (error) {
      if (!BanyanError.is(error, 'unavailable')) throw error
      if (this.#own === 'closed')
        throw new BanyanError('unavailable', 'the limit of this operation cannot be looked up, and nothing is admitted without it; try again', { cause: error })
      return this.#own.take(key, cost)
    }
  }
}

/** What cannot be given back, since the limit is away by now, comes back with time: buckets fill, leases end. */
function lenient(taken: Taken): Taken {
  const { giveBack } = taken
  if (!giveBack) return taken
  return {
    ...taken,
    giveBack: async () => {
      try {
        return await giveBack()
      } catch (error) {
        if (!BanyanError.is(error, 'unavailable')) throw error
        return undefined
      }
    },
  }
}
