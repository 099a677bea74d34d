import { Readable } from 'node:stream'
import { BanyanError } from '../../kernel/errors.ts'
import type { EdgeAnswer } from '../exchange.ts'
import { Spool } from './spool.ts'
import type { Kept, ResourceKey } from './stored-answer.ts'

/** What the origin has answered, as soon as its fields are there. */
export interface Arrival {
  /** As it may be kept; for what is not kept, as it was read. */
  readonly kept: Kept
  /** Why nobody but who asked may have it; `undefined`: others may. */
  readonly why: string | undefined
  /** For whoever asked: the answer itself, or nothing after a 304, when the stored body stands. */
  readonly answer: EdgeAnswer | undefined
  readonly body: Buffer | Spool | Readable | undefined
  readonly originStatus: number
  /** Resolves when the body is kept, or never will be. */
  readonly settled: Promise<void> | undefined
}

/**
 * One question to the origin and all who wait for its answer. It goes on as long as one of them is there, whoever asked first: a client
 * that leaves ends it only when it is the last.
 */
export class Fill {
  readonly key: ResourceKey
  /** Whether the answer is worth having when nobody waits for it. */
  #wanted: boolean
  readonly #stop = new AbortController()
  readonly #forgotten = new Set<string>()
  #arrival: Promise<Arrival> | undefined
  #waiting = 0
  #body: Arrival['body'] | 'not here yet' = 'not here yet'
  #claimed = false
  #doomed = false

  constructor(key: ResourceKey, wanted: boolean) {
    this.key = key
    this.#wanted = wanted
  }

  begin(ask: (signal: AbortSignal) => Promise<Arrival>): void {
    this.#arrival = this.#ask(ask)
  }

  async #ask(ask: (signal: AbortSignal) => Promise<Arrival>): Promise<Arrival> {
    const arrival = await ask(this.#stop.signal)
    this.#body = arrival.body
    if (this.#waiting === 0) this.#left()
    return arrival
  }

  get wanted(): boolean {
    return this.#wanted
  }

  /** From now on the answer is worth having also when nobody waits for it. */
  want(): void {
    this.#wanted = true
  }

  get arrival(): Promise<Arrival> {
    return this.#arrival!
  }

  /** The body that nobody but who asked may have, which ends with them. */
  claim(body: Buffer | Readable | undefined, signal: AbortSignal): Buffer | Readable | undefined {
    this.#claimed = true
    if (body instanceof Readable) signal.addEventListener('abort', () => this.#stop.abort(reasonOf(signal)), { once: true })
    return body
  }

  /** How many wait for the answer or are about to read its body. */
  get waiting(): number {
    return this.#waiting
  }

  /** The answer, given to `use` while this client still counts as waiting. Rejects as the origin failed, or when the client leaves. */
  async wait<T>(signal: AbortSignal, use: (arrival: Arrival) => T): Promise<T> {
    this.#waiting++
    const { promise: gone, reject } = Promise.withResolvers<never>()
    const leave = (): void => reject(reasonOf(signal))
    if (signal.aborted) leave()
    else signal.addEventListener('abort', leave, { once: true })
    try {
      return use(await Promise.race([this.#arrival!, gone]))
    } finally {
      signal.removeEventListener('abort', leave)
      this.#waiting--
      this.#left()
    }
  }

  #left(): void {
    if (this.#waiting > 0) return
    if (this.#body instanceof Spool) this.#body.stopIfDeserted()
    else if (this.#body instanceof Readable && !this.#claimed) this.#body.destroy()
    else if (this.#body === 'not here yet' && !this.#wanted) this.#stop.abort(new BanyanError('cancelled', `nobody waits for ${this.key.url} any more`))
  }

  /** The answer was asked for before its resource changed, so it must not be kept, nor given to who asks from now on. */
  doom(): void {
    this.#doomed = true
  }

  /** As `doom`, if the answer turns out to bear one of these tags. */
  forget(tags: readonly string[]): void {
    for (const tag of tags) this.#forgotten.add(tag)
  }

  isOutdated({ tags }: Kept): boolean {
    return this.#doomed || tags.some((tag) => this.#forgotten.has(tag))
  }
}

function reasonOf({ reason }: AbortSignal): unknown {
  return BanyanError.is(reason) ? reason : new BanyanError('cancelled', 'the client has gone, or its time is up, before the origin answered', { cause: reason })
}
