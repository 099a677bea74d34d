import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePorts } from '../src/testing/free-ports.ts'

export const NO_REDIS = 'no Redis answers at TEST_REDIS_URL or 127.0.0.1:6379'
export const NO_REDIS_SERVER = 'redis-server is not installed'

/** The Redis that tests share, each under keys of its own; `undefined` where none answers. */
export async function sharedRedis(): Promise<string | undefined> {
  const url = process.env['TEST_REDIS_URL'] ?? 'redis://127.0.0.1:6379'
  const { hostname, port } = new URL(url)
  return (await accepts(hostname, Number(port || 6379))) ? url : undefined
}

/** What the keys of one test begin with. */
export function testPrefix(): string {
  return `t${randomBytes(6).toString('hex')}:`
}

export function hasRedisServer(): boolean {
  try {
    execFileSync('redis-server', ['--version'])
    return true
  } catch {
    return false
  }
}

/** A Redis of one test, without a disk unless said, that may be stopped, frozen and started again at the same port. */
export class OwnRedis implements AsyncDisposable {
  readonly port: number
  readonly url: string
  readonly #directory = mkdtempSync(join(tmpdir(), 'banyan-redis-'))
  readonly #lasting: readonly string[]
  #child: ChildProcess | undefined

  private constructor(port: number, lasting: readonly string[]) {
    this.port = port
    this.#lasting = lasting
    this.url = `redis://127.0.0.1:${port}`
  }

  /** `disk`: what was written is there again after a restart. */
  static async start({ disk = false } = {}): Promise<OwnRedis> {
    const [port] = await freePorts(1)
    const redis = new OwnRedis(port!, disk ? ['--appendonly', 'yes', '--appendfsync', 'always'] : [])
    await redis.start()
    return redis
  }

  async start(): Promise<void> {
    const given = ['--port', String(this.port), '--save', '', '--dir', this.#directory, ...this.#lasting]
    const child = spawn('redis-server', given, { stdio: ['ignore', 'pipe', 'inherit'] })
    this.#child = child
    for await (const text of child.stdout) if (String(text).includes('Ready to accept connections')) break
    child.stdout.resume()
  }

  async kill(): Promise<void> {
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }

  /** From now on it accepts connections and says nothing. */
  freeze(): void {
    this.#child?.kill('SIGSTOP')
  }

  thaw(): void {
    this.#child?.kill('SIGCONT')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
    rmSync(this.#directory, { recursive: true, force: true })
  }
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1_000 })
    const end = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.on('connect', () => end(true))
    socket.on('error', () => end(false))
    socket.on('timeout', () => end(false))
  })
}
