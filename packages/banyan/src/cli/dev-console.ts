import { failureText } from './failure.ts'
import type { Failed, Io } from './io.ts'
import { ProcessStates } from './process-states.ts'
import { summary, type UnitReport } from './report.ts'
import type { Style } from './style.ts'
import type { Observer, Task } from './supervised-process.ts'

/** What `banyan dev` says: the lines of its units, each under its name where there are several, and what becomes of them. */
export class DevConsole implements Observer {
  readonly #io: Io
  readonly #style: Style
  readonly #states = new ProcessStates()
  /** Of the units that are to be ready; those that are not yet have none. */
  #reports = new Map<string, UnitReport | undefined>()
  #began = 0
  #introduced = false
  /** Failures that were told since the last start or since the unit was ready, so that trying again does not tell them again. */
  readonly #told = new Set<string>()

  constructor(io: Io, style: Style) {
    this.#io = io
    this.#style = style
  }

  /** Whether all units have been ready once. */
  get introduced(): boolean {
    return this.#introduced
  }

  /** From here on the time is taken, until all `units` are ready. */
  begin(units: readonly string[], began: number): void {
    this.#began = began
    this.#told.clear()
    this.#reports = new Map(units.map((unit) => [unit, undefined]))
    this.#states.begin(units, began)
  }

  line({ name }: Task, text: string): void {
    this.#write(`${this.#prefix(name)}${text}`)
  }

  /** The mistakes of an app are those of all its units, and told once; any other failure once for each unit. */
  failed({ name }: Task, { app, text }: Failed): void {
    const prefix = app ? '' : this.#prefix(name)
    if (this.#told.has(prefix + text)) return
    this.#told.add(prefix + text)
    this.#io.err.write(text.replaceAll(/^(?=.)/gm, () => prefix))
  }

  ready({ name }: Task, report: unknown): void {
    this.#told.clear()
    this.#states.ready(name, report as UnitReport, performance.now())
    const again = this.#reports.get(name) !== undefined
    // of several alike each is told by its own name
    this.#reports.set(name, { ...(report as UnitReport), unit: name })
    const reports = [...this.#reports.values()].filter((known) => known !== undefined)
    if (again) return this.note(`${name} is back: process ${(report as UnitReport).pid}`)
    if (reports.length < this.#reports.size) return
    const took = `${((performance.now() - this.#began) / 1000).toFixed(1)} s`
    if (this.#introduced) return this.note(`ready again after ${took}`)
    this.#introduced = true
    this.#io.out.write(summary(reports, this.#style))
    this.note(`ready after ${took}; restarts when a file changes, ${this.#io.hear ? 'Enter shows how the units are, ' : ''}Ctrl-C stops`)
  }

  ended({ name }: Task, how: string, againMs: number | undefined): void {
    this.#states.ended(name, how, againMs !== undefined, performance.now())
    this.note(`${this.#reports.size > 1 ? name : 'it'} ${how}; ${againMs === undefined ? 'waiting for a change' : `starting it again in ${againMs / 1000} s`}`)
  }

  /** A table of the processes as they are now. */
  status(): void {
    this.#io.out.write(`\n${this.#states.table(this.#style, performance.now())}\n`)
  }

  failure(error: unknown, verbose: boolean): void {
    this.#io.err.write(failureText(error, this.#style, verbose))
  }

  note(text: string): void {
    this.#write(this.#style.dim(`  ${text}`))
  }

  #prefix(name: string): string {
    const names = [...this.#reports.keys()]
    if (names.length < 2) return ''
    const width = Math.max(...names.map(({ length }) => length))
    return `${this.#style.nth(names.indexOf(name))(name.padEnd(width))} ${this.#style.dim('|')} `
  }

  #write(line: string): void {
    this.#io.out.write(`${line}\n`)
  }
}
