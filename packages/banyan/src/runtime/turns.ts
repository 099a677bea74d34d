/** How long a unit waits for its turn before it decides on what is there, in milliseconds. */
const PATIENCE_MS = 50

/**
 * Turns at a stream, so that concurrent commands of one process decide one after the other instead of all on the same state, where all but
 * one would have to decide again. Only a matter of speed: the version check at the commit is what keeps streams right, so a turn that does
 * not come in time is not waited for.
 */
export class Turns {
  readonly #queues = new Map<string, (() => void)[]>()

  /** Resolves when it is one's turn, or after a while, with what ends the turn. */
  take(stream: string): Promise<() => void> | (() => void) {
    const queue = this.#queues.get(stream)
    if (!queue) {
      this.#queues.set(stream, [])
      return () => this.#end(stream)
    }
    return new Promise((resolve) => {
      const late = setTimeout(() => {
        queue.splice(queue.indexOf(mine), 1)
        resolve(() => {})
      }, PATIENCE_MS)
      const mine = () => {
        clearTimeout(late)
        resolve(() => this.#end(stream))
      }
      queue.push(mine)
    })
  }

  #end(stream: string): void {
    const next = this.#queues.get(stream)?.shift()
    if (next) next()
    else this.#queues.delete(stream)
  }
}
