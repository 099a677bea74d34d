import { ok, strictEqual } from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { vi } from 'vitest'
import { Shown } from './shown.ts'
import { looksOnly, staysOn, type Step } from './steps.ts'
import { Terminal } from './terminal.ts'

export interface WalkOptions {
  /** Where the reader begins. */
  readonly folder: string
  /** The project's folder, once the reader has gone there. */
  readonly project: string
  readonly env: NodeJS.ProcessEnv
  /** What stands on the page for something else here. */
  readonly known: Readonly<Record<string, string>>
  /** Called when nothing runs any more. */
  readonly end: () => Promise<void>
}

type Run = Extract<Step, { kind: 'run' }>

/** A reader who follows a page to the letter: writes its files, types its commands, and looks whether what comes out is what is shown. */
export class Walk implements AsyncDisposable {
  readonly #options: WalkOptions
  readonly #shown: Shown
  readonly #hand: Terminal
  /** What was started and goes on, by the line that was typed. */
  readonly #running = new Map<string, Terminal>()

  constructor(options: WalkOptions) {
    this.#options = options
    this.#shown = new Shown(options.known)
    this.#hand = new Terminal(options.folder, options.env)
  }

  get project(): string {
    return this.#options.project
  }

  async follow(steps: readonly Step[]): Promise<void> {
    const left = [...steps]
    for (let step = left.shift(); step !== undefined; step = left.shift()) {
      if (step.kind === 'interrupt') await this.#interrupt(step.command)
      else if (step.kind === 'see') await this.#see(step.command, step.shown)
      else if (step.kind === 'run') await this.#run(step)
      else {
        const files = [step]
        while (left[0]?.kind === 'write') files.push(left.shift() as typeof step)
        await this.#write(files)
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#running.values(), this.#hand].map((terminal) => terminal[Symbol.asyncDispose]()))
    await this.#options.end()
  }

  /** Files that are shown one after the other are saved together. What runs has started again with them before the reader goes on. */
  async #write(files: readonly Extract<Step, { kind: 'write' }>[]): Promise<void> {
    const before = [...this.#running.values()].map((terminal) => [terminal, terminal.text.length] as const)
    for (const { file, text } of files) {
      const path = join(this.#options.project, file)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, this.#shown.command(text))
    }
    if (files.every(({ file }) => !/\.(?:ts|sql)$/.test(file) || file.includes('.test.'))) return
    const { text } = await this.#hand.type('npx tsc')
    strictEqual(text, '', `${files.map(({ file }) => file).join(', ')} do not compile:\n${text}`)
    for (const [terminal, length] of before) await terminal.wrote((text) => /^ +ready again after/m.test(text), 'ready again after 1 s', length)
  }

  async #run(step: Run): Promise<void> {
    const command = this.#typed(step.text)
    if (staysOn(step.text)) return this.#start(step, command)
    if (step.shown !== undefined && looksOnly(step.text)) return this.#look(step, command)
    const { code, text } = await this.#hand.type(command)
    if (step.shown !== undefined && !this.#right(step, text)) strictEqual(laidOut(step, text), step.shown)
    strictEqual(code, 0, `${command}\n${text}`)
  }

  async #start(step: Run, command: string): Promise<void> {
    const terminal = new Terminal(this.#options.project, this.#options.env, command)
    this.#running.set(step.text.trim(), terminal)
    await this.#see(step.text.trim(), step.shown ?? '')
  }

  async #see(command: string, shown: string): Promise<void> {
    await this.#terminal(command).wrote((text) => this.#shown.matches(shown, text, true), shown)
  }

  /** Looks again until it is there, as people do. */
  async #look(step: Run, command: string): Promise<void> {
    let seen = ''
    const look = async () => ok(this.#right(step, (seen = (await this.#hand.type(command)).text)))
    await vi.waitFor(look, { timeout: 60_000, interval: 200 }).catch(() => strictEqual(laidOut(step, seen), step.shown))
  }

  #right(step: Run, text: string): boolean {
    return this.#shown.matches(step.shown!, laidOut(step, text), false)
  }

  #typed(text: string): string {
    const command = this.#shown.command(text.trimEnd())
    // it is somebody else's process here, as long as it is not known which one it stands for
    if (/\bkill -9 \d/.test(text) && command === text.trimEnd()) throw new Error(`which process is it? ${text}`)
    return command
  }

  async #interrupt(command: string): Promise<void> {
    await this.#terminal(command).interrupt()
    this.#running.delete(command)
  }

  #terminal(command: string): Terminal {
    const terminal = this.#running.get(command)
    if (terminal === undefined) throw new Error(`nothing was started by '${command}'; what runs is ${[...this.#running.keys()].join(', ') || 'nothing'}`)
    return terminal
  }
}

/** JSON is shown with a line for each member; it comes in one. */
function laidOut({ json }: Run, text: string): string {
  if (!json) return text
  try {
    return `${JSON.stringify(JSON.parse(text), undefined, 2)}\n`
  } catch {
    return text
  }
}
