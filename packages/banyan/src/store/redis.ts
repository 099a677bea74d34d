import type { Redis, RedisOptions } from 'ioredis'
import { fullJitter } from '../kernel/backoff.ts'
import { systemClock } from '../kernel/clock.ts'
import { BanyanError, messageOf, type Executed } from '../kernel/errors.ts'
import type { Log } from '../model/context.ts'

export interface RedisConnectionOptions {
  /** `redis://user:password@host:6379/0`; `rediss://` for TLS. */
  readonly url: string
  /** What the keys of this app begin with. */
  readonly prefix: string
  /** Milliseconds for a command to be answered; 250 unless said. */
  readonly timeoutMs?: number
  readonly log: Log
}

/**
 * A connection to Redis that several rooms share. It never ends the process: while Redis is away it is looked for again, at first after 50 ms,
 * at most every two seconds. Commands are not kept for later: they fail at once, so that whoever asks can do without.
 */
export interface RedisConnection extends AsyncDisposable {
  /** Where it is, as it may stand in messages: never with the password. */
  readonly address: string
  readonly prefix: string
  readonly status: 'healthy' | 'away'
  /**
   * Runs one command, or several. Throws `unavailable`, at once while Redis is away, or when it takes longer than `timeoutMs`, loses the
   * connection or takes no writes; then `executed` says whether they may have run. What Redis says against the command itself is thrown as it is.
   */
  run<T>(commands: (client: Redis) => Promise<T>): Promise<T>
  /** Another connection with the same settings, for subscriptions; it connects by itself, and whoever asks for it disconnects it. */
  duplicate(options?: RedisOptions): Redis
  /** Calls back whenever the status has changed. */
  watch(changed: (status: RedisConnection['status']) => void): Disposable
}

const TIMEOUT_MS = 250
const CONNECT_MS = 2_000
const DEFAULT_PORT = 6379
/** Without a sign of life for so long while it is asked, a connection counts as lost, whatever the network says. */
const SILENT_MS = 5_000
const RETRY = { baseMs: 100, capMs: 2_000 }
const RETRY_AT_LEAST_MS = 50
/**
 * Replies of a server that cannot serve at the moment: it starts, was demoted, is full, has lost its others, or does not let this app in any
 * more. Where a script ran into one, servers of different versions put other words before it.
 */
const UNABLE =
  /^(?:ERR Error running script.*-)?(?:READONLY|LOADING|OOM|MISCONF|MASTERDOWN|CLUSTERDOWN|NOREPLICAS|BUSY|TRYAGAIN|NOAUTH|NOPERM|WRONGPASS)\b|^ERR The user executing the script can't run this command/

/**
 * Opens a connection and waits until it stands, or until the first attempt has failed: a unit starts without Redis as well.
 * Throws `invalid_configuration` for what is not the address of a Redis.
 */
export async function openRedis({ url, prefix, timeoutMs = TIMEOUT_MS, log }: RedisConnectionOptions): Promise<RedisConnection> {
  const address = addressOf(url)
  // loaded when the first connection of the process is wanted, so that apps without Redis do without
  const { Redis } = await import('ioredis')
  const client = new Redis(url, settings)
  const connection = new SharedConnection({ client, address, prefix, timeoutMs, log })
  await connection.tried
  return connection
}

const settings = {
  lazyConnect: true,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  connectTimeout: CONNECT_MS,
  socketTimeout: SILENT_MS,
  retryStrategy: (times: number) => RETRY_AT_LEAST_MS + fullJitter(RETRY, times),
  // after a fail-over the old primary is still there and only reads
  reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
} satisfies RedisOptions

interface Parts extends Pick<RedisConnection, 'address' | 'prefix'> {
  readonly client: Redis
  readonly timeoutMs: number
  readonly log: Log
}

class SharedConnection implements RedisConnection {
  /** Resolves when the first attempt to connect has ended, well or not. */
  readonly tried: Promise<void>
  readonly #parts: Parts
  readonly #watchers = new Set<(status: RedisConnection['status']) => void>()
  #status: RedisConnection['status'] | undefined
  #trouble = 'it is not connected yet'
  #closed = false

  constructor(parts: Parts) {
    this.#parts = parts
    const { client } = parts
    client.on('ready', () => this.#turn('healthy'))
    client.on('close', () => this.#turn('away'))
    // heard, so that it does not end the process; `close` and the commands that fail tell the rest
    client.on('error', (error: Error) => (this.#trouble = messageOf(error)))
    this.tried = this.#try()
  }

  get address(): string {
    return this.#parts.address
  }

  get prefix(): string {
    return this.#parts.prefix
  }

  get status(): RedisConnection['status'] {
    return this.#status ?? 'away'
  }

  run<T>(commands: (client: Redis) => Promise<T>): Promise<T> {
    if (this.#status !== 'healthy') return Promise.reject(this.#unavailable(this.#trouble, 'no'))
    const { client, timeoutMs } = this.#parts
    return new Promise<T>((resolve, reject) => {
      let settled = false
      const settle = (): void => {
        settled = true
        clearTimeout(timer)
      }
      // a process that was busy itself reads first what has come meanwhile
      const timer = setTimeout(() => setImmediate(() => settled || reject(this.#late())), timeoutMs)
      commands(client).then(
        (answer) => {
          settle()
          resolve(answer)
        },
        (error: unknown) => {
          settle()
          reject(this.#told(error))
        },
      )
    })
  }

  duplicate(options: RedisOptions = {}): Redis {
    const copy = this.#parts.client.duplicate({ lazyConnect: false, ...options })
    copy.on('error', (error: Error) => (this.#trouble = messageOf(error)))
    return copy
  }

  watch(changed: (status: RedisConnection['status']) => void): Disposable {
    this.#watchers.add(changed)
    return { [Symbol.dispose]: () => void this.#watchers.delete(changed) }
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    this.#trouble = 'its connection was closed'
    this.#parts.client.disconnect()
    return Promise.resolve()
  }

  async #try(): Promise<void> {
    const given = new AbortController()
    const connected = this.#parts.client.connect().then(
      () => given.abort(),
      (error: unknown) => {
        this.#trouble = messageOf(error)
        given.abort()
      },
    )
    // a server that hangs accepts connections and says nothing
    await Promise.race([connected, systemClock.wait(CONNECT_MS, given.signal)])
    if (this.#status === undefined) this.#turn('away')
  }

  #turn(status: RedisConnection['status']): void {
    if (status === this.#status) return
    const { address, log } = this.#parts
    const first = this.#status === undefined
    this.#status = status
    if (status === 'away' && !this.#closed) log.warn(`Redis at ${address} is away; it is looked for until it is back`, { reason: this.#trouble })
    if (status === 'healthy' && !first) log.info(`Redis at ${address} is back`)
    for (const changed of this.#watchers) changed(status)
  }

  /** A server that did not answer in time is left for a new connection, so that not every command waits for it. */
  #late(): BanyanError {
    const { client, timeoutMs } = this.#parts
    this.#trouble = `it gave no answer in ${timeoutMs} ms`
    if (this.#status === 'healthy') {
      this.#turn('away')
      client.disconnect(true)
    }
    return this.#unavailable(this.#trouble, 'maybe')
  }

  #told(error: unknown): unknown {
    const isReply = error instanceof Error && error.name === 'ReplyError'
    if (!isReply) return this.#unavailable(messageOf(error), 'maybe', error)
    return UNABLE.test(error.message) ? this.#unavailable(error.message, 'no', error) : error
  }

  #unavailable(why: string, executed: Executed, cause?: unknown): BanyanError {
    return new BanyanError('unavailable', `Redis at ${this.#parts.address} cannot be used: ${why}; see that it runs and that the address is right`, {
      executed,
      cause,
    })
  }
}

/** Whether a text is the address of a Redis, as `url` has it. */
export function isRedisAddress(url: string): boolean {
  const parsed = URL.parse(url)
  return parsed !== null && /^rediss?:$/.test(parsed.protocol) && parsed.hostname !== ''
}

function addressOf(url: string): string {
  if (isRedisAddress(url)) {
    const { hostname, port } = new URL(url)
    return `${hostname}:${port || DEFAULT_PORT}`
  }
  // without the address, since it may hold a password
  throw new BanyanError('invalid_configuration', 'the address of Redis is not one; write redis://user:password@host:6379/0, or rediss:// for TLS')
}
