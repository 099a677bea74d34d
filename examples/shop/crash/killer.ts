import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { killConnection, killDatabase, type Place } from './place.ts'
import type { Random } from './random.ts'
import type { Supervisor } from './supervisor.ts'

export interface KillerOptions {
  readonly random: Random
  readonly place: Place
  readonly supervisor: Supervisor
  readonly units: readonly string[]
  readonly killed: (what: string) => void
}

/** Kills something again and again, until `stop`. What, and how long after the shop was open again, follows from the seed alone. */
export async function killAtRandom({ random, place, supervisor, units, killed }: KillerOptions, stop: AbortSignal): Promise<void> {
  const victims = [...units, ...units, ...(units.length > 1 ? ['all units'] : []), ...(place.killable ? ['the database', 'the database', 'one of its processes'] : [])]
  for (;;) {
    const [hasty, pause, victim, chance] = [random.next() < 0.25, random.between(0, 1_500), random.pick(victims), random.next()]
    // mostly when all is well again, and sometimes in the middle of getting well
    if (!hasty) await Promise.race([supervisor.allOpen(), aborted(stop)])
    await passed(pause, stop)
    if (stop.aborted) return
    if (victim === 'all units') supervisor.kill(units)
    else if (victim === 'the database') killDatabase(place)
    else if (victim === 'one of its processes') killConnection(place, (pids) => pids[Math.floor(chance * pids.length)]!)
    else supervisor.kill([victim])
    killed(victim)
  }
}

async function passed(ms: number, stop: AbortSignal): Promise<void> {
  await Promise.race([wait(ms, undefined, { ref: false }), aborted(stop)])
}

function aborted(stop: AbortSignal): Promise<unknown> {
  return stop.aborted ? Promise.resolve() : once(stop, 'abort')
}
