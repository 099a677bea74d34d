import type pg from 'pg'
import { systemClock } from '../kernel/clock.ts'
import { messageOf } from '../kernel/errors.ts'
import { fullJitter } from '../events/backoff.ts'
import type { Log } from '../model/context.ts'
import type { DatabaseServer } from '../store/server.ts'

const backoff = { baseMs: 100, capMs: 5_000 }

/**
 * Keeps a connection to the embedded server only to notice its death, and starts it again. Whatever was under way fails as unreachable
 * and is repeated by whoever owns it.
 */
export class Sentinel implements AsyncDisposable {
  readonly #server: DatabaseServer
  readonly #log: Log
  readonly #stop = new AbortController()
  readonly #running: Promise<void>

  constructor(server: DatabaseServer, log: Log) {
    this.#server = server
    this.#log = log
    this.#running = this.#watch()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#running
  }

  async #watch(): Promise<void> {
    for (let failures = 0; !this.#stop.signal.aborted; ) {
      try {
        await this.#server.revive()
        await this.#untilLost(() => (failures = 0))
      } catch (error) {
        failures++
        this.#log.warn('the database does not answer; trying again', { error: messageOf(error) })
        await systemClock.wait(fullJitter(backoff, failures), this.#stop.signal)
      }
    }
  }

  /** Resolves when the connection is lost or the sentinel stops. */
  async #untilLost(connected: () => void): Promise<void> {
    const client: pg.PoolClient = await this.#server.admin.connect()
    connected()
    try {
      await new Promise<void>((resolve) => {
        client.once('end', resolve)
        client.once('error', () => resolve())
        this.#stop.signal.addEventListener('abort', () => resolve(), { once: true })
        if (this.#stop.signal.aborted) resolve()
      })
    } finally {
      client.release(true)
    }
  }
}
