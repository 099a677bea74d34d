import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { systemClock } from '../kernel/clock.ts'
import type { Failed, Told } from './io.ts'
import { LIFE } from './life.ts'

/** A command line of Banyan that runs in a process of its own. */
export interface Task {
  readonly name: string
  readonly args: readonly string[]
  readonly env: NodeJS.ProcessEnv
}

/** What a supervised process has to say, and what becomes of it. */
export interface Observer {
  line(task: Task, text: string): void
  ready(task: Task, report: unknown): void
  /** It could not start. */
  failed(task: Task, failure: Failed): void
  /** It ended by itself. `againMs`: when it is started again; undefined where that would not help. */
  ended(task: Task, how: string, againMs: number | undefined): void
}

const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 10_000
/** Who lived so long is not failing over and over. */
const HEALTHY_MS = 10_000
/** How long a process that has ended may leave its output open, as its own children do. */
const LAST_WORDS_MS = 1_000

const running = new Set<ChildProcess>()
// who leaves in a hurry takes them along; who is killed leaves them to notice it by themselves
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')))

/** The command line that this code belongs to: beside sources and compiled files alike. */
const bin = fileURLToPath(new URL('../../bin/banyan.js', import.meta.url))

/**
 * A process that is started again when it dies, after a pause that grows. One that could not start for a reason that stays (a mistake in
 * the code) is left alone until it is started anew. It notices the end of its supervisor, and drains.
 */
export class SupervisedProcess {
  readonly task: Task
  readonly #observer: Observer
  #child: ChildProcess | undefined
  #stopped = true
  #failures = 0
  #lives = 0
  #timer: NodeJS.Timeout | undefined
  #end: Promise<void> | undefined

  constructor(task: Task, observer: Observer) {
    this.task = task
    this.#observer = observer
  }

  start(): void {
    this.#stopped = false
    const { args, env } = this.task
    const began = performance.now()
    const child = spawn(process.execPath, [...process.execArgv, bin, ...args], {
      env: { ...env, [LIFE]: String(++this.#lives) },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    let mends = false
    child.on('message', (told: Told) => {
      mends = told.kind === 'ready' || told.retryable
      if (told.kind === 'ready') this.#observer.ready(this.task, told.report)
      else this.#observer.failed(this.task, told)
    })
    const relayed = Promise.all([this.#relay(child.stdout), this.#relay(child.stderr)])
    this.#child = child
    running.add(child)
    this.#end = exitOf(child).then(async ({ how, killed }) => {
      await Promise.race([relayed, systemClock.wait(LAST_WORDS_MS)])
      this.#ended(how, mends || killed, performance.now() - began)
    })
  }

  /** Lets it finish what it has, for `graceMs`; then it is killed. Answers false where that was needed. */
  async stop(graceMs: number): Promise<boolean> {
    this.#stopped = true
    clearTimeout(this.#timer)
    this.#failures = 0
    const child = this.#child
    if (!child) return true
    let killed = false
    const timer = setTimeout(() => (killed = child.kill('SIGKILL')), graceMs)
    if (child.connected) child.disconnect()
    await this.#end
    clearTimeout(timer)
    return !killed
  }

  async #relay(stream: Readable | null): Promise<void> {
    if (!stream) return
    for await (const text of createInterface({ input: stream, crlfDelay: Infinity })) this.#observer.line(this.task, text)
  }

  #ended(how: string, mends: boolean, livedMs: number): void {
    if (this.#child) running.delete(this.#child)
    this.#child = undefined
    if (this.#stopped) return
    if (!mends) return this.#observer.ended(this.task, how, undefined)
    if (livedMs > HEALTHY_MS) this.#failures = 0
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** this.#failures++, LONGEST_PAUSE_MS)
    this.#observer.ended(this.task, how, pause)
    this.#timer = setTimeout(() => this.start(), pause)
  }
}

/** How a process ended. Not by 'close', which does not come once the channel was closed from here. */
function exitOf(child: ChildProcess): Promise<{ readonly how: string; readonly killed: boolean }> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) =>
      resolve(signal === null ? { how: `ended with exit code ${code}`, killed: false } : { how: `was ended by ${signal}`, killed: true }),
    )
    child.once('error', ({ message }) => resolve({ how: `could not be run: ${message}`, killed: false }))
  })
}
