import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { MemberOptions, MemberOrder, MemberState } from './member.ts'

/** The process of one unit of the relay. Disposing of it stops it in order. */
export class MemberProcess implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #exited: Promise<unknown>

  private constructor(name: string, options: MemberOptions) {
    const { DATABASE_URL: _place, ...env } = process.env
    this.#child = fork(join(import.meta.dirname, 'member.ts'), [name, JSON.stringify(options)], { env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    this.#exited = once(this.#child, 'exit')
  }

  /** Resolves once it answers. */
  static async open(name: string, options: MemberOptions): Promise<MemberProcess> {
    const member = new MemberProcess(name, options)
    await member.#answer(name)
    return member
  }

  /** Gives an order, and answers what the process has done so far. */
  tell(order: MemberOrder): Promise<MemberState> {
    this.#child.send(order)
    return this.#answer('it')
  }

  /** How often its handlers were run. */
  async handled(): Promise<number> {
    return (await this.tell({})).handled
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.connected) this.#child.disconnect()
    await this.#exited
  }

  async #answer(name: string): Promise<MemberState> {
    const ended = this.#exited.then(() => {
      throw new Error(`${name} ended before it answered`)
    })
    const [state] = (await Promise.race([once(this.#child, 'message'), ended])) as [MemberState]
    return state
  }
}
