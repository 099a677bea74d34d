import { join } from 'node:path'
import { authority } from '../kernel/authority.ts'
import { BanyanError } from '../kernel/errors.ts'
import { unitSecret } from '../security/unit-secret.ts'
import type { DevConsole } from './dev-console.ts'
import type { Io } from './io.ts'
import { outlineOf, type Outline } from './outline.ts'
import { freePort } from './ports.ts'
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
  /** Faults for the units to inject, as `start --chaos` takes them. */
  readonly chaos: string | undefined
  readonly verbose: boolean
  readonly colour: boolean
}

const GRACE_MS = 10_000
const RELOAD_GRACE_MS = 5_000

/** One run of `banyan dev`: the units of a topology in processes of their own, restarted when files change. */
export class DevSession implements AsyncDisposable {
  readonly #options: DevOptions
  readonly #env: Io['env']
  readonly #console: DevConsole
  readonly #supervisor: Supervisor
  /** By process. */
  readonly #ports = new Map<string, number>()
  #outline: Outline | undefined
  #server: Promise<AsyncDisposable | undefined> | undefined

  constructor(options: DevOptions, env: Io['env'], console: DevConsole) {
    this.#options = options
    this.#env = env
    this.#console = console
    this.#supervisor = new Supervisor({
      line: (task, text) => console.line(task, text),
      ready: (task, report) => {
        console.ready(task, report)
        // not before, since there is enough to do
        this.#server ??= this.#keepServer()
      },
      failed: (task, failure) => console.failed(task, failure),
      ended: (task, how, againMs) => console.ended(task, how, againMs),
    })
  }

  /** Runs until the signal aborts, then lets all units finish. Throws only what no change of a file would mend. */
  async run(stop: AbortSignal): Promise<void> {
    using files = await FileWatcher.open(this.#options.directory)
    while (!stop.aborted) {
      await this.#start()
      const changed = await files.next(stop)
      this.#console.note(stop.aborted ? 'stopping: what has begun is finished first' : `${changedText(changed)}, restarting`)
      const killed = await this.#supervisor.stop(stop.aborted ? GRACE_MS : RELOAD_GRACE_MS)
      if (killed.length > 0) this.#console.note(`${killed.join(' and ')} did not finish in time, and had to be ended`)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const server = await this.#server
    await server?.[Symbol.asyncDispose]()
  }

  async #start(): Promise<void> {
    const began = performance.now()
    try {
      const outline = await outlineOf(this.#options)
      const processes = processesOf(outline)
      await this.#choosePorts(processes)
      const secret = this.#env['BANYAN_SECRET'] ?? (await unitSecret(join(this.#options.directory, '.banyan')))
      this.#console.begin(
        processes.map(({ name }) => name),
        began,
      )
      this.#supervisor.start(processes.map((process) => this.#task(process, secret, Object.keys(outline.units).length > 1)))
      this.#outline = outline
    } catch (error) {
      if (!this.#console.introduced && BanyanError.is(error) && ['invalid_topology', 'port_in_use', 'usage'].includes(error.code)) throw error
      this.#supervisor.start([])
      this.#console.failure(error, this.#options.verbose)
      this.#console.note('waiting for a change')
    }
  }

  /** An embedded server stays over restarts as long as somebody uses it; that it cannot be had is told by the units. */
  async #keepServer(): Promise<AsyncDisposable | undefined> {
    if (this.#outline === undefined || this.#outline.database !== undefined) return undefined
    const { app } = this.#outline
    const { openServer } = await import('../store/server.ts')
    return openServer({ app, dataDirectory: join(this.#options.directory, '.banyan') }).catch(() => undefined)
  }

  /** The first process has the port asked for; ports stay over restarts. */
  async #choosePorts(processes: readonly UnitProcess[]): Promise<void> {
    const { port, host } = this.#options
    for (const [index, { name }] of processes.entries()) {
      if (!this.#ports.has(name)) this.#ports.set(name, await freePort(index === 0 ? port : 0, host, [...this.#ports.values()]))
    }
  }

  #task({ name, unit }: UnitProcess, secret: string, several: boolean): Task {
    const { file, topology, host, verbose, colour, chaos } = this.#options
    const port = this.#ports.get(name)!
    const args = ['start', '--config', file, '--topology', topology, '--unit', unit, '--host', host, '--port', String(port), '--development']
    const scheme = this.#env['BANYAN_TLS_CERT'] ? 'https' : 'http'
    if (verbose) args.push('--verbose')
    if (chaos !== undefined) args.push('--chaos', chaos)
    return {
      name,
      args,
      env: {
        ...this.#env,
        BANYAN_SECRET: secret,
        // whatever the topology says of elsewhere: here units share a database, and announce themselves in it
        ...(several ? { BANYAN_REGISTRY: 'postgres', BANYAN_URL: addressOf(scheme, host, port), BANYAN_ADDRESSES: undefined } : {}),
        FORCE_COLOR: colour ? '1' : undefined,
        NO_COLOR: colour ? undefined : '1',
      },
    }
  }
}

interface UnitProcess {
  /** Its unit's name, with a number where there are several. */
  readonly name: string
  readonly unit: string
}

function processesOf({ units, replicas }: Outline): UnitProcess[] {
  return Object.keys(units).flatMap((unit) => {
    const count = replicas[unit]!
    return Array.from({ length: count }, (_, index) => ({ name: count === 1 ? unit : `${unit}-${index + 1}`, unit }))
  })
}

/** Where processes of this machine reach what listens on a host. */
function addressOf(scheme: 'http' | 'https', host: string, port: number): string {
  const reached = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  return `${scheme}://${authority(reached, port)}`
}

function changedText(files: readonly string[]): string {
  const [first, ...others] = files
  return `${first}${others.length === 0 ? '' : ` and ${others.length} more`} changed`
}
