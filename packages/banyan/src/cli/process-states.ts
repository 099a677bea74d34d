import { ageText } from './amounts.ts'
import type { Style } from './style.ts'
import { table } from './table.ts'

interface State {
  readonly what: 'starting' | 'ready' | 'ended' | 'waiting'
  /** Monotonic milliseconds. */
  readonly since: number
  readonly pid: number | undefined
  readonly url: string | undefined
  readonly restarts: number
  /** How it ended last. */
  readonly how: string | undefined
}

/** How the processes of a topology are, as their supervisor sees them. */
export class ProcessStates {
  #states = new Map<string, State>()

  /** These processes are about to be started. */
  begin(names: readonly string[], now: number): void {
    const state: State = { what: 'starting', since: now, pid: undefined, url: undefined, restarts: 0, how: undefined }
    this.#states = new Map(names.map((name) => [name, { ...state, url: this.#states.get(name)?.url }]))
  }

  ready(name: string, { pid, url }: { readonly pid: number; readonly url: string }, now: number): void {
    this.#change(name, { what: 'ready', since: now, pid, url })
  }

  /** `again`: whether it is started again by itself. */
  ended(name: string, how: string, again: boolean, now: number): void {
    const restarts = (this.#states.get(name)?.restarts ?? 0) + (again ? 1 : 0)
    this.#change(name, { what: again ? 'ended' : 'waiting', since: now, pid: undefined, how, restarts })
  }

  /** A line for each process: its name, state and for how long, process id, restarts, address, and how it ended last. */
  table(style: Style, now: number): string {
    const { dim, cyan } = style
    const rows = [...this.#states].map(([name, { what, since, pid, restarts, url, how }]) => [
      name,
      stateText(what, style),
      ageText(now - since),
      pid === undefined ? '' : String(pid),
      String(restarts),
      cyan(url ?? ''),
      dim(how ?? ''),
    ])
    return table(rows, { head: ['UNIT', 'STATE', 'FOR', 'PROCESS', 'RESTARTS', 'URL', ''].map(dim), indent: '  ' })
  }

  #change(name: string, change: Partial<State>): void {
    const state = this.#states.get(name)
    if (state) this.#states.set(name, { ...state, ...change })
  }
}

function stateText(what: State['what'], { green, yellow, red }: Style): string {
  if (what === 'ready') return green('ready')
  if (what === 'starting') return yellow('starting')
  return what === 'ended' ? yellow('restarting') : red('waits for a change')
}
