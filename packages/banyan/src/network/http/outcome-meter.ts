import { meter, type MeterStatus } from '../../observe/meter.ts'

/** What became of a request, beside its status. */
export interface Outcome {
  /** Whether a cached answer was there; `undefined` where nothing is cached. */
  readonly cache: 'hit' | 'miss' | undefined
  /** What turned it away: a limit, or what says who may. */
  readonly refused: 'limit' | 'access' | undefined
}

/** How an operation, or a route of a gateway file, fares with requests from outside. */
export interface OutcomeStatus extends MeterStatus {
  /** Answers by where they came from, since the start; both 0 where nothing is cached. */
  readonly cache: { readonly hits: number; readonly misses: number }
  /** Requests that were turned away, since the start: by limits, and by what says who may. They are among the answers too. */
  readonly refused: { readonly limit: number; readonly access: number }
}

/** Counts the requests for one operation or route. */
export class OutcomeMeter {
  readonly #meter = meter()
  #hits = 0
  #misses = 0
  #limit = 0
  #access = 0
  asked = false

  begin(): void {
    this.asked = true
    this.#meter.begin()
  }

  /** `began`: `undefined` where the time says nothing. */
  end({ cache, refused }: Outcome, status: number, began: number | undefined, now: number): void {
    this.#meter.end(status, began, now)
    if (cache === 'hit') this.#hits++
    else if (cache === 'miss') this.#misses++
    if (refused === 'limit') this.#limit++
    else if (refused === 'access') this.#access++
  }

  status(): OutcomeStatus {
    return { ...this.#meter.status(), cache: { hits: this.#hits, misses: this.#misses }, refused: { limit: this.#limit, access: this.#access } }
  }
}
