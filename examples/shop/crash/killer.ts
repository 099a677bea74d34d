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

/** Kills something every second or two, until `stop`. What and when follows from the seed alone. */
export async function killAtRandom({ random, place, supervisor, units, killed }: KillerOptions, stop: AbortSignal): Promise<void> {
  const victims = [...units, ...units, ...(units.length > 1 ? ['all units'] : []), ...(place.killable ? ['the database', 'the database', 'one of its processes'] : [])]
  for (;;) {
    const [pause, victim, chance] = [random.between(700, 2_200), random.pick(victims), random.next()]
    await passed(pause, stop)
    if (stop.aborted) return
    if (victim === 'all units') supervisor.kill(units)
    else if (victim === 'the database') killDatabase(place)
    else if (victim === 'one of its processes') killConnection(place, (pids) => pids[Math.floor(chance * pids.length)]!)
    else supervisor.kill([victim])
    killed(victim)
  }
}

function passed(ms: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms)
    function done(): void {
      clearTimeout(timer)
      stop.removeEventListener('abort', done)
      resolve()
    }
    if (stop.aborted) done()
    else stop.addEventListener('abort', done)
  })
}
