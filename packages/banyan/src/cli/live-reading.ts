import { systemClock } from '../kernel/clock.ts'
import { BanyanError } from '../kernel/errors.ts'
import { misuse, type Arguments } from './arguments.ts'
import { certificateTable } from './certificate-table.ts'
import type { Io } from './io.ts'
import { unitTable, wayTables } from './live-tables.ts'
import { trafficTables } from './traffic-tables.ts'
import { openLiveUnits, type LiveInstance } from './live-units.ts'
import type { LoadedProject } from './project.ts'
import { hasNoDatabase } from './standing.ts'
import { styleOf, type Style } from './style.ts'

const AGAIN_MS = 1_000
/** Clears the screen and what has scrolled away, and begins at its top. */
const FRESH = '\u001B[H\u001B[2J\u001B[3J'

/** The instances of each unit now; where they cannot be read, says why. Undefined also where the only unit of a topology does not answer, which is no news unless it is said where it is. */
export async function readLive(project: LoadedProject, args: Arguments, io: Io): Promise<ReadonlyMap<string, readonly LiveInstance[]> | undefined> {
  if (hasNoDatabase(project, args, io)) return undefined
  try {
    await using live = await openLiveUnits(project, args, io)
    const units = await live?.read()
    const [only] = [...(units?.values() ?? [])].flat()
    if (!live?.isLone || !only || only.status) return units
    if (io.env['BANYAN_URL'] !== undefined) io.err.write(`the unit at ${only.url}, which BANYAN_URL says, tells nothing of itself (${only.trouble})\n`)
    return undefined
  } catch (error) {
    if (!BanyanError.is(error) || error.code === 'usage' || error.code === 'invalid_topology') throw error
    io.err.write(`where the units run cannot be read: ${error.message}\n`)
    return undefined
  }
}

/** Shows instances and ways once a second until it is told to stop. */
export async function watchLive(project: LoadedProject, args: Arguments, io: Io): Promise<void> {
  const stop = io.untilStopped()
  await using live = await openLiveUnits(project, args, io)
  if (!live) throw misuse('there are no instances to watch: the topology never ran; name another with --topology')
  const style = styleOf(io.out, io.env)
  while (!stop.aborted) {
    const units = await live.read()
    if (args.flag('json')) io.out.write(`${JSON.stringify(Object.fromEntries(units))}\n`)
    else io.out.write(`${io.out.terminal ? FRESH : ''}${[unitTable(units, style), ...liveTables(units, style)].join('\n')}\n`)
    await systemClock.wait(AGAIN_MS, stop)
  }
}

/** What is shown of units that run, beside the list of them: their ways, what is asked and certificates, each where there is any. */
export function liveTables(units: ReadonlyMap<string, readonly LiveInstance[]>, style: Style): readonly string[] {
  return [wayTables, trafficTables, certificateTable].map((tables) => tables(units, style)).filter((text) => text !== '')
}
