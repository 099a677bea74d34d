import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { UnitAnswer, UnitOrder } from './unit.ts'

/** How a process ended. */
export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface UnitProcessOptions {
  /** The module with the app, as a URL. */
  readonly app: string
  /** Where its output goes. */
  readonly log: string
  /** A crash point, as the environment variable BANYAN_CRASH_AT has it. */
  readonly crashAt?: string
  /** Environment variables beside those of this process. */
  readonly env?: Readonly<Record<string, string>>
}

/** The process of one unit of the shop. It loads the program at once, and opens the shop when told. */
export class UnitProcess {
  readonly exited: Promise<Exit>
  readonly #child: ChildProcess

  constructor({ app, log, crashAt = '', env: more = {} }: UnitProcessOptions) {
    const output = openSync(log, 'a')
    // which database it is the options say
    const { DATABASE_URL: _place, ...inherited } = process.env
    // what one process has compiled the next need not; nobody waits for a parcel to be packed
    const env = { ...inherited, SHOP_PACKING: '0s', NODE_COMPILE_CACHE: join(dirname(log), 'compiled'), BANYAN_CRASH_AT: crashAt, ...more }
    this.#child = fork(join(import.meta.dirname, 'unit.ts'), [app], { env, stdio: ['ignore', output, output, 'ipc'] })
    closeSync(output)
    this.exited = once(this.#child, 'exit').then(([code, signal]) => ({ code, signal }) as Exit)
    // a message to a process that has just died; its exit tells
    this.#child.on('error', () => {})
  }

  get alive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** Resolves once it answers requests; `false` when it ended before. */
  async open(order: UnitOrder): Promise<boolean> {
    return (await this.#ask(order)) === 'open'
  }

  /** Resolves once all that has happened is reacted to, everywhere. Throws why not. */
  async quiet(): Promise<void> {
    const answer = await this.#ask('quiet')
    if (answer !== 'quiet') throw new Error(answer === undefined ? 'the unit ended while it was waited for' : JSON.stringify(answer))
  }

  /** SIGKILL: it learns nothing of it. */
  kill(): Promise<Exit> {
    this.#child.kill('SIGKILL')
    return this.exited
  }

  /** It finishes what it has begun, and goes. */
  stop(): Promise<Exit> {
    if (this.#child.connected) this.#child.disconnect()
    return this.exited
  }

  async #ask(message: UnitOrder | 'quiet'): Promise<UnitAnswer | undefined> {
    if (!this.#child.connected) return undefined
    const answered = once(this.#child, 'message').then(
      ([answer]) => answer as UnitAnswer,
      // it has just died, and could not be sent anything
      () => undefined,
    )
    this.#child.send(message)
    return Promise.race([answered, this.exited.then(() => undefined)])
  }
}
