import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { GatewayStatus } from '../../src/gateway/gateway-status.ts'
import type { Purge } from '../../src/gateway/http-cache/answer-store.ts'

/** What is asked of a gateway's process: to purge, or how it stands. */
export interface EdgeQuestion {
  readonly id: number
  readonly purge?: Purge
}

/** A gateway in a process of its own. */
export class EdgeProcess implements AsyncDisposable {
  readonly url: string
  readonly #child: ChildProcess
  #last = 0

  private constructor(url: string, child: ChildProcess) {
    this.url = url
    this.#child = child
  }

  /** `text`: its file. */
  static async start(text: string): Promise<EdgeProcess> {
    const child = fork(fileURLToPath(new URL('./edge-process.ts', import.meta.url)), [text])
    const [{ answer }] = (await once(child, 'message')) as [{ answer: string }]
    return new EdgeProcess(answer, child)
  }

  purge(purge: Purge): Promise<number> {
    return this.#ask({ purge })
  }

  status(): Promise<GatewayStatus> {
    return this.#ask({})
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gone = once(this.#child, 'exit')
    this.#child.disconnect()
    await gone
  }

  #ask<T>(question: Omit<EdgeQuestion, 'id'>): Promise<T> {
    const id = ++this.#last
    return new Promise((resolve) => {
      const heard = (said: { readonly id: number; readonly answer: T }): void => {
        if (said.id !== id) return
        this.#child.off('message', heard)
        resolve(said.answer)
      }
      this.#child.on('message', heard)
      this.#child.send({ ...question, id })
    })
  }
}
