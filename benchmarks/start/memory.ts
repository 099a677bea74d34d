import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Memory of a set of processes in MiB: `rss` counts what they share in each of them, `pss` counts it once. */
export interface Memory {
  readonly rss: number
  readonly pss: number
}

/** Memory of a process. `undefined` where the system does not tell (Linux does). */
export function memoryOf(...pids: readonly number[]): Memory | undefined {
  if (!existsSync('/proc/self/smaps_rollup')) return undefined
  let rss = 0
  let pss = 0
  for (const pid of pids) {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
    rss += mebibytes(rollup, 'Rss')
    pss += mebibytes(rollup, 'Pss')
  }
  return { rss, pss }
}

/** The server of the database in `directory` and all processes it has begun. */
export function serverProcesses(directory: string): readonly number[] {
  const postmaster = Number(readFileSync(join(directory, '.banyan', 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0])
  return [postmaster, ...childrenOf(postmaster)]
}

function childrenOf(parent: number): number[] {
  const pids = existsSync('/proc') ? readdirSync('/proc').filter((name) => /^\d+$/.test(name)) : []
  return pids.map(Number).filter((pid) => parentOf(pid) === parent)
}

function parentOf(pid: number): number | undefined {
  try {
    // the name in parentheses may hold anything; state and parent follow it
    return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')[1])
  } catch {
    return undefined // it has ended since
  }
}

function mebibytes(rollup: string, field: string): number {
  return Number(new RegExp(`^${field}: +(\\d+) kB$`, 'm').exec(rollup)![1]) / 1_024
}
