import { messageOf } from './errors.ts'

/** Something that runs until it is disposed of. */
export interface Resource extends AsyncDisposable {
  /** What it is, for messages. */
  readonly name?: string
}

/**
 * Keeps what was started and stops it in reverse order, each once. A failing stop does not keep the others from stopping: all failures
 * come together at the end.
 */
export class Lifecycle implements AsyncDisposable {
  readonly #stops: { name: string; stop: () => unknown }[] = []
  #stopping: Promise<void> | undefined

  add<T extends AsyncDisposable>(name: string, resource: T): T {
    this.onStop(name, () => resource[Symbol.asyncDispose]())
    return resource
  }

  onStop(name: string, stop: () => unknown): void {
    this.#stops.push({ name, stop })
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  async #stop(): Promise<void> {
    const failures: Error[] = []
    for (const { name, stop } of this.#stops.splice(0).reverse()) {
      try {
        await stop()
      } catch (error) {
        failures.push(new Error(`stopping ${name}: ${messageOf(error)}`, { cause: error }))
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, failures.map((failure) => failure.message).join('; '))
  }
}
