import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import PostalMime, { type Email } from 'postal-mime'
import type { Told } from './mail-server.ts'

export interface Received extends Email {
  /** Whom the envelope named, whatever the header says. */
  readonly envelope: readonly string[]
}

/** A mail server that may come and go, and the mail it has taken. Its port stays the same. */
export class Mailbox implements AsyncDisposable {
  readonly received: Received[] = []
  #port = 0
  #server: ChildProcess | undefined
  #reading: Promise<unknown> = Promise.resolve()

  get url(): string {
    return `smtp://127.0.0.1:${this.#port}`
  }

  /** `dies`: it takes one mail and is gone without a word. */
  async up(mood: 'lives' | 'dies' = 'lives'): Promise<void> {
    this.#server = fork(join(import.meta.dirname, 'mail-server.ts'), [String(this.#port), mood])
    const listens = once(this.#server, 'message') as Promise<[{ port: number }]>
    this.#server.on('message', (told: Told) => {
      if ('raw' in told) this.#reading = this.#reading.then(() => this.#take(told))
    })
    const [{ port }] = await listens
    this.#port = port
  }

  async down(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (!server || server.exitCode !== null) return
    const gone = once(server, 'exit')
    server.kill('SIGKILL')
    await gone
  }

  /** Resolves when the server has died by itself. */
  async gone(): Promise<void> {
    if (this.#server && this.#server.exitCode === null) await once(this.#server, 'exit')
  }

  /** What was taken for an address. */
  async of(address: string): Promise<Received[]> {
    await this.#reading
    return this.received.filter(({ envelope }) => envelope.includes(address))
  }

  async #take({ to, raw }: { readonly to: readonly string[]; readonly raw: string }): Promise<void> {
    this.received.push({ ...(await PostalMime.parse(raw)), envelope: to })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.down()
  }
}
