import type { BanyanError } from './errors.ts'

/** An abort signal that is made when it is asked for: making one costs more than most calls, which end without anybody looking at it. */
export class LazySignal {
  #controller: AbortController | undefined
  #reason: BanyanError | undefined

  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#reason && !this.#controller.signal.aborted) this.#controller.abort(this.#reason)
    return this.#controller.signal
  }

  /** Whether it has aborted; asking this makes no signal. */
  get aborted(): boolean {
    return this.#reason !== undefined
  }

  /** Aborts it, once: later reasons change nothing. */
  abort(reason: BanyanError): void {
    if (this.#reason) return
    this.#reason = reason
    this.#controller?.abort(reason)
  }
}
