import { hash } from 'node:crypto'
import type { Redis } from 'ioredis'

type Argument = string | number

/** A Lua script that Redis runs as one step, sent once and named by its digest after that. */
export class Script {
  readonly #text: string
  readonly #digest: string
  readonly #keys: number

  /** `keys`: how many keys it is given. */
  constructor(keys: number, text: string) {
    this.#text = text
    this.#digest = hash('sha1', text)
    this.#keys = keys
  }

  /** `given`: the keys, then the arguments. */
  async run(client: Redis, given: readonly Argument[]): Promise<unknown> {
    try {
      return await client.evalsha(this.#digest, this.#keys, ...given)
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error
      return client.eval(this.#text, this.#keys, ...given)
    }
  }
}
