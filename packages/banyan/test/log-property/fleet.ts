import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Wakeup } from '../../src/events/wakeup.ts'
import { CRASH_AT } from '../../src/kernel/crash-point.ts'
import { uuidv7 } from '../../src/kernel/id.ts'
import type { MemberOptions, Order, Report } from './member-process.ts'

export interface FleetOptions {
  readonly app: string
  readonly url: string
  readonly seed: number
  /** How many writers each process has. */
  readonly writers: readonly number[]
  /** Crash points with a visit, as in `commit.sent:40`: processes die there, one each, as long as there are any left. */
  readonly crashes: readonly string[]
}

interface Member {
  readonly owner: string
  readonly process: ChildProcess
  state: 'starting' | 'writing' | 'stopped'
  errors: string
}

/** The longest that writers wait for each other, and far more than a process takes to start. */
const SILENCE_MS = 60_000

/** Processes of which each is replaced when it is killed. */
export class Fleet implements AsyncDisposable {
  /** Where the journals are, of all that ever were members. */
  readonly journals: string = mkdtempSync(join(tmpdir(), 'banyan-journals-'))
  readonly #options: FleetOptions
  readonly #keys = uuidv7()
  readonly #crashes: string[]
  readonly #members: Member[]
  readonly #changed = new Wakeup()
  #generations = 0
  #answered = 0
  #phase: 'writing' | 'reading' | 'over' = 'writing'
  readonly #failure = Promise.withResolvers<never>()

  constructor(options: FleetOptions) {
    // whoever waits when it comes is told
    this.#failure.promise.catch(() => {})
    this.#options = options
    this.#crashes = [...options.crashes]
    this.#members = options.writers.map((_, slot) => this.#start(slot))
  }

  /** Who owns partitions as this member, now. */
  ownerOf(slot: number): string {
    return this.#members[slot]!.owner
  }

  /** Resolves when writers were answered so often, by all processes together, and none is just starting. */
  answered(count: number): Promise<void> {
    return this.#until(() => this.#answered >= count && this.#members.every(({ state }) => state !== 'starting'))
  }

  /** Kills a process, without a chance to tidy up; another takes its place. */
  async kill(slot: number): Promise<void> {
    const { process } = this.#members[slot]!
    process.kill('SIGKILL')
    await this.#until(() => this.#members[slot]!.process !== process)
  }

  /** Takes all their database connections from all processes. */
  sever(): void {
    for (const { process } of this.#members) process.send('sever' satisfies Order)
  }

  /** Stops a process where it is until `over`; it knows nothing of the time between. */
  async pause(slot: number, over: () => Promise<void>): Promise<void> {
    const { process } = this.#members[slot]!
    process.kill('SIGSTOP')
    try {
      await over()
    } finally {
      process.kill('SIGCONT')
    }
  }

  /** Lets all writers finish what they are at. Processes that die before that are replaced by ones that only read. */
  async stopWriting(): Promise<void> {
    this.#phase = 'reading'
    for (const { process } of this.#members) process.send('stop' satisfies Order)
    await this.#until(() => this.#members.every(({ state }) => state === 'stopped'))
  }

  /** `work`, unless a member dies of something else than a kill before it is done. */
  async during(work: Promise<unknown>): Promise<void> {
    await Promise.race([work, this.#failure.promise])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#phase = 'over'
    await Promise.all(
      this.#members.map(async ({ process }) => {
        if (process.exitCode !== null || process.signalCode !== null) return
        process.kill('SIGKILL')
        await once(process, 'exit')
      }),
    )
    rmSync(this.journals, { recursive: true })
  }

  #start(slot: number): Member {
    const { app, url, seed, writers } = this.#options
    const owner = `${slot}.${this.#generations++}`
    const options: MemberOptions = {
      app,
      url,
      owner,
      journal: join(this.journals, owner),
      keys: this.#keys,
      writers: this.#phase === 'writing' ? writers[slot]! : 0,
      seed: seed + this.#generations * 1_000,
    }
    const program = fileURLToPath(new URL('member-process.ts', import.meta.url))
    const env = { ...process.env, [CRASH_AT]: this.#crashes.shift() ?? '' }
    const member: Member = { owner, state: 'starting', errors: '', process: fork(program, [JSON.stringify(options)], { env, silent: true }) }
    member.process.on('message', (report: Report) => this.#heard(member, report))
    member.process.stderr!.setEncoding('utf8').on('data', (text: string) => (member.errors += text))
    member.process.once('close', (code, signal) => this.#died(slot, member, code ?? signal))
    // a message to one that has just died is for nobody
    member.process.on('error', () => {})
    return member
  }

  #heard(member: Member, report: Report): void {
    if (report === 'answered') this.#answered++
    else member.state = report === 'running' ? 'writing' : 'stopped'
    this.#changed.wake()
  }

  #died(slot: number, { owner, errors }: Member, how: number | NodeJS.Signals | null): void {
    if (this.#phase === 'over') return
    if (how === 'SIGKILL') this.#members[slot] = this.#start(slot)
    else this.#failure.reject(new Error(`Process ${owner} ended by itself (${how}): ${errors}`))
    this.#changed.wake()
  }

  async #until(condition: () => boolean): Promise<void> {
    for (let seen = this.#changed.count; !condition(); seen = this.#changed.count) {
      await this.during(this.#changed.after(seen, SILENCE_MS))
      if (this.#changed.count === seen) throw new Error(`The processes have said nothing for ${SILENCE_MS} ms: ${this.#states()}`)
    }
  }

  #states(): string {
    return `${this.#answered} answers, ${this.#members.map(({ owner, state, errors }) => `${owner} ${state} ${errors}`).join(', ')}`
  }
}
