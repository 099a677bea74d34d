import { setTimeout as wait } from 'node:timers/promises'
import { killConnection, killDatabase, type Place } from './place.ts'
import type { Random } from './random.ts'
import type { Supervisor } from './supervisor.ts'

const LOOK_MS = 10
const DATABASE = ['the database', 'the database', 'one database process', 'everything']

export interface KillerOptions {
  readonly random: Random
  readonly place: Place
  readonly supervisor: Supervisor
  readonly units: readonly string[]
  /** How many orders were accepted so far. */
  readonly accepted: () => number
  /** After how many more orders it kills at the latest, when it is not hasty; 40 unless said. */
  readonly patience?: number
  readonly killed: (what: string) => void
}

/**
 * Kills something again and again, until `stop`. What it kills follows from the seed alone, and so does when: mostly after so many more
 * orders were accepted, which shows that the shop is well again, and sometimes so soon that it is still getting well.
 */
export async function killAtRandom({ random, place, supervisor, units, accepted, patience = 40, killed }: KillerOptions, stop: AbortSignal): Promise<void> {
  const victims = [...units, ...units, ...(units.length > 1 ? ['all units'] : []), ...(place.killable ? DATABASE : [])]
  for (;;) {
    const [hasty, pause, more, victim, chance] = [
      random.next() < 0.25,
      random.between(0, 800),
      random.between(1, patience),
      random.pick(victims),
      random.next(),
    ]
    const enough = accepted() + more
    if (hasty) await passed(pause, stop)
    else while (accepted() < enough && !stop.aborted) await passed(LOOK_MS, stop)
    if (stop.aborted) return
    if (victim === 'one database process') killConnection(place, (pids) => pids[Math.floor(chance * pids.length)]!)
    if (victim === 'the database' || victim === 'everything') killDatabase(place)
    supervisor.kill(victim === 'all units' || victim === 'everything' ? units : [victim])
    killed(victim)
  }
}

/** Resolves after a time, or when `stop` aborts. */
async function passed(ms: number, stop: AbortSignal): Promise<void> {
  await wait(ms, undefined, { signal: stop }).catch(() => {})
}
