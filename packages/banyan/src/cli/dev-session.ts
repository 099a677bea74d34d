import { randomBytes } from 'node:crypto'
import { BanyanError } from '../kernel/errors.ts'
import { failureText } from './failure.ts'
import type { Io } from './io.ts'
import { outlineOf, type Outline } from './outline.ts'
import { freePort } from './ports.ts'
import { summary, type UnitReport } from './report.ts'
import type { Style } from './style.ts'
import { Supervisor } from './supervisor.ts'
import type { Task } from './supervised-process.ts'
import { FileWatcher } from './watch-files.ts'

export interface DevOptions {
  readonly file: string
  /** The project's folder: what changes below it restarts the units. */
  readonly directory: string
  readonly topology: string
  readonly host: string
  readonly port: number
  readonly verbose: boolean
}

const GRACE_MS = 10_000
const RELOAD_GRACE_MS = 5_000

/** One run of `banyan dev`: the units of a topology in processes of their own, restarted when files change. */
export class DevSession {
  readonly #options: DevOptions
  readonly #io: Io
  readonly #style: Style
  readonly #supervisor: Supervisor
  readonly #secret: string
  readonly #ports = new Map<string, number>()
  /** Of the units that are to be ready; those that are not yet have none. */
  #reports = new Map<string, UnitReport | undefined>()
  #began = 0
  #introduced = false

  constructor(options: DevOptions, io: Io, style: Style) {
    this.#options = options
    this.#io = io
    this.#style = style
    this.#secret = io.env['BANYAN_SECRET'] ?? randomBytes(32).toString('base64url')
    this.#supervisor = new Supervisor({
      line: ({ name }, text) => this.#say(`${this.#prefix(name)}${text}`),
      ready: ({ name }, report) => this.#ready(name, report as UnitReport),
      ended: ({ name }, how, againMs) => this.#ended(name, how, againMs),
    })
  }

  /** Runs until the signal aborts, then lets all units finish. Throws only what no change of a file would mend. */
  async run(stop: AbortSignal): Promise<void> {
    using files = await FileWatcher.open(this.#options.directory)
    while (!stop.aborted) {
      await this.#start()
      const changed = await files.next(stop)
      if (changed.length > 0) this.#say(this.#note(`${changedText(changed)}, restarting`))
      else this.#say(this.#note('stopping: what has begun is finished first'))
      const killed = await this.#supervisor.stop(stop.aborted ? GRACE_MS : RELOAD_GRACE_MS)
      if (killed.length > 0) this.#say(this.#note(`${killed.join(', ')} did not finish in time and ${killed.length === 1 ? 'was' : 'were'} ended`))
    }
  }

  async #start(): Promise<void> {
    this.#began = performance.now()
    try {
      const outline = await outlineOf(this.#options)
      const names = Object.keys(outline.units)
      await this.#choosePorts(names)
      this.#reports = new Map(names.map((name) => [name, undefined]))
      this.#supervisor.start(names.map((name) => this.#task(name, outline)))
    } catch (error) {
      if (!this.#introduced && BanyanError.is(error) && ['invalid_topology', 'port_in_use'].includes(error.code)) throw error
      this.#supervisor.start([])
      this.#io.err.write(failureText(error, this.#style, this.#options.verbose))
      this.#say(this.#note('waiting for a change'))
    }
  }

  /** The first unit has the port asked for; ports stay over restarts. */
  async #choosePorts(units: readonly string[]): Promise<void> {
    for (const [index, unit] of units.entries()) {
      if (!this.#ports.has(unit)) this.#ports.set(unit, await freePort(index === 0 ? this.#options.port : 0, this.#options.host, [...this.#ports.values()]))
    }
  }

  #task(unit: string, outline: Outline): Task {
    const { file, topology, host, verbose } = this.#options
    const addresses = Object.fromEntries(Object.keys(outline.units).map((name) => [name, addressOf(host, this.#ports.get(name)!)]))
    const args = ['start', '--config', file, '--topology', topology, '--unit', unit, '--host', host, '--port', String(this.#ports.get(unit)), '--development']
    return {
      name: unit,
      args: verbose ? [...args, '--verbose'] : args,
      env: { ...this.#io.env, BANYAN_SECRET: this.#secret, BANYAN_ADDRESSES: JSON.stringify(addresses), FORCE_COLOR: this.#style.colour ? '1' : '0' },
    }
  }

  #ready(name: string, report: UnitReport): void {
    const again = this.#reports.get(name) !== undefined
    this.#reports.set(name, report)
    const reports = [...this.#reports.values()].filter((known) => known !== undefined)
    if (again) return this.#say(this.#note(`${name} is back`))
    if (reports.length < this.#reports.size) return
    const took = `${((performance.now() - this.#began) / 1000).toFixed(1)} s`
    if (!this.#introduced) this.#io.out.write(summary(reports, this.#style))
    this.#say(this.#note(this.#introduced ? `ready again after ${took}` : `ready after ${took}; restarts when a file changes, Ctrl-C stops`))
    this.#introduced = true
  }

  #ended(name: string, how: string, againMs: number | undefined): void {
    const then = againMs === undefined ? 'waiting for a change' : `starting it again in ${againMs / 1000} s`
    this.#say(this.#note(`${this.#reports.size > 1 ? name : 'it'} ${how}; ${then}`))
  }

  /** Whose line it is, where there are several. */
  #prefix(name: string): string {
    const names = [...this.#reports.keys()]
    if (names.length < 2) return ''
    return `${this.#style.nth(names.indexOf(name))(name.padEnd(Math.max(...names.map(({ length }) => length))))} ${this.#style.dim('|')} `
  }

  #note(text: string): string {
    return this.#style.dim(`  ${text}`)
  }

  #say(line: string): void {
    this.#io.out.write(`${line}\n`)
  }
}

function changedText(files: readonly string[]): string {
  const [first, ...others] = files
  return `${first}${others.length === 0 ? '' : ` and ${others.length} more`} changed`
}

/** Where processes of this machine reach what listens on a host. */
function addressOf(host: string, port: number): string {
  const reached = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  return `http://${reached.includes(':') ? `[${reached}]` : reached}:${port}`
}
