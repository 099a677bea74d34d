import { match, ok, strictEqual } from 'node:assert/strict'
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { vi } from 'vitest'

const PATIENCE = { timeout: 90_000, interval: 50 }
/** What bash prints when a command is through, before its exit code. */
const END = 'the-command-is-through'

/** A terminal of a reader: a bash that stays, so that variables and the current folder do. */
export class Terminal implements AsyncDisposable {
  readonly #process: ChildProcessWithoutNullStreams
  #text = ''

  /** `command`: one that goes on until it is stopped; then nothing else is typed here. */
  constructor(cwd: string, env: NodeJS.ProcessEnv, command?: string) {
    const typed = `exec 2>&1; ${command ?? 'exec bash'}`
    // a group of its own, so that Ctrl-C reaches all it has started, as on a terminal
    this.#process = spawn('bash', ['-c', typed], { cwd, env, detached: true })
    this.#process.stdout.setEncoding('utf8').on('data', (chunk: string) => (this.#text += chunk))
  }

  /** All that has been written so far. */
  get text(): string {
    return this.#text
  }

  /** Types a command; resolves with what it writes when it is through. */
  async type(command: string): Promise<{ readonly code: number; readonly text: string }> {
    const before = this.#text.length
    this.#process.stdin.write(`${command}\nprintf '${END} %s\\n' $?\n`)
    await vi.waitFor(() => match(this.#text.slice(before), new RegExp(`${END} \\d+\\n$`)), PATIENCE)
    const [text, code] = this.#text.slice(before).split(`${END} `) as [string, string]
    return { text, code: Number(code) }
  }

  /** Resolves once what was written after the first `from` characters is right. */
  async wrote(right: (text: string) => boolean, shown: string, from = 0): Promise<void> {
    const wrote = () => this.#text.slice(from)
    await vi.waitFor(() => ok(right(wrote())), PATIENCE).catch(() => strictEqual(wrote(), shown))
  }

  /** Ctrl-C; resolves when all has ended. */
  async interrupt(): Promise<void> {
    this.#signal('SIGINT')
    await this.#ended()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    this.#signal('SIGTERM')
    const late = setTimeout(() => this.#signal('SIGKILL'), 15_000)
    await this.#ended()
    clearTimeout(late)
  }

  #signal(signal: NodeJS.Signals): void {
    process.kill(-this.#process.pid!, signal)
  }

  async #ended(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) await once(this.#process, 'close')
  }
}
