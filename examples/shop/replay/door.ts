import { BanyanError, client } from 'banyan'
import type { HttpClient, Uses } from 'banyan/types'
import { setTimeout as wait } from 'node:timers/promises'

const [BASE_MS, CAP_MS] = [20, 2_000]

/** The front door of a shop that may be overloaded, restarting or gone for a while: who asks here waits until there is an answer. */
export class Door<U extends Uses> implements AsyncDisposable {
  readonly #shops: readonly HttpClient<U>[]
  readonly #stop: AbortSignal
  #next = 0
  #token: string | undefined
  readonly #urls: readonly string[]
  /** Requests that were sent again. */
  repeats = 0

  /** `urls`: of all units, each of which answers everything. */
  constructor(contracts: U, urls: readonly string[], stop: AbortSignal) {
    this.#urls = urls
    this.#stop = stop
    this.#shops = urls.map((url) => client(contracts, { url, token: () => this.#staff() }))
  }

  /**
   * The answer to a request, which is made again until there is one: under the same key, so make the key part of it. Throws what the
   * contract declares, and what a repeat would not mend.
   */
  async ask<T>(request: (shop: HttpClient<U>) => Promise<T>): Promise<T> {
    let renewed = false
    for (let attempt = 1; ; attempt++) {
      try {
        return await request(this.#shops[this.#next++ % this.#shops.length]!)
      } catch (error) {
        if (!BanyanError.is(error)) throw error
        // tokens end; a new one is asked for once
        const expired: boolean = error.code === 'unauthenticated' && !renewed
        if (!error.retryable && !expired) throw error
        if (expired) this.#token = undefined
        renewed ||= expired
        this.repeats++
        await wait(pauseAfter(error, attempt, Math.random()), undefined, { signal: this.#stop })
      }
    }
  }

  /** What a unit says of itself in development, from all of them. Throws `unavailable` when one does not answer. */
  async developmentAnswers<T>(path: string): Promise<T[]> {
    return Promise.all(this.#urls.map((url) => fetched<T>(new URL(path, url))))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#shops.map((shop) => shop[Symbol.asyncDispose]()))
  }

  async #staff(): Promise<string> {
    const body = { subject: 'the till', roles: ['staff'] }
    this.#token ??= (await fetched<{ token: string }>(new URL('/_development/token', this.#urls[this.#next % this.#urls.length]), body)).token
    return this.#token
  }
}

/** Milliseconds until the next attempt: no sooner than the answer asks for, longer every time, and not the same for all. */
export function pauseAfter({ details }: BanyanError, attempt: number, chance: number): number {
  const asked = typeof details['retryAfterMs'] === 'number' ? details['retryAfterMs'] : 0
  return asked + chance * Math.min(CAP_MS, BASE_MS * 2 ** attempt)
}

async function fetched<T>(url: URL, body?: unknown): Promise<T> {
  const request = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
  const answer = await fetch(url, { ...request, signal: AbortSignal.timeout(5_000) }).catch((cause: unknown) => {
    throw new BanyanError('unavailable', `${url.origin} does not answer`, { cause })
  })
  if (answer.ok) return (await answer.json()) as T
  if (answer.status === 404) throw new BanyanError('not_found', `${url.href} is answered in development only; start the shop with \`development: true\``)
  throw new BanyanError('unavailable', `${url.href} was answered ${answer.status}`)
}
