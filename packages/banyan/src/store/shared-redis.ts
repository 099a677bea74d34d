import type { Redis, RedisOptions } from 'ioredis'
import { BanyanError } from '../kernel/errors.ts'
import { openRedis, type RedisConnection, type RedisConnectionOptions } from './redis.ts'

interface Shared {
  readonly connection: Promise<RedisConnection>
  users: number
}

/** By address, with all that it says: the database and the user are part of what is shared. */
const open = new Map<string, Shared>()

/**
 * A connection to Redis that whoever in this process names the same address has together, each with a prefix of its own. It is closed with
 * the last of them that is disposed of; its log is that of the first. Waits and throws as `openRedis` does.
 */
export async function shareRedis(options: Omit<RedisConnectionOptions, 'timeoutMs'>): Promise<RedisConnection> {
  const { url, prefix } = options
  const shared = open.get(url) ?? { connection: openRedis(options), users: 0 }
  open.set(url, shared)
  shared.users++
  const leave = (): boolean => {
    shared.users--
    if (shared.users > 0) return false
    // at once, so that whoever comes meanwhile opens another
    open.delete(url)
    return true
  }
  try {
    return new Share(await shared.connection, prefix, leave)
  } catch (error) {
    leave()
    throw error
  }
}

class Share implements RedisConnection {
  readonly prefix: string
  readonly #connection: RedisConnection
  /** Answers whether nobody else has it. */
  readonly #leave: () => boolean
  readonly #watching = new Set<Disposable>()
  #left = false

  constructor(connection: RedisConnection, prefix: string, leave: () => boolean) {
    this.#connection = connection
    this.prefix = prefix
    this.#leave = leave
  }

  get address(): string {
    return this.#connection.address
  }

  get status(): RedisConnection['status'] {
    return this.#left ? 'away' : this.#connection.status
  }

  run<T>(commands: (client: Redis) => Promise<T>): Promise<T> {
    if (!this.#left) return this.#connection.run(commands)
    return Promise.reject(
      new BanyanError('unavailable', `Redis at ${this.address} cannot be used: its connection was closed; open another`, { executed: 'no' }),
    )
  }

  duplicate(options?: RedisOptions): Redis {
    return this.#connection.duplicate(options)
  }

  watch(changed: (status: RedisConnection['status']) => void): Disposable {
    const inner = this.#connection.watch(changed)
    const watching = {
      [Symbol.dispose]: () => {
        this.#watching.delete(watching)
        inner[Symbol.dispose]()
      },
    }
    this.#watching.add(watching)
    return watching
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#left) return
    this.#left = true
    for (const watching of this.#watching) watching[Symbol.dispose]()
    if (this.#leave()) await this.#connection[Symbol.asyncDispose]()
  }
}
