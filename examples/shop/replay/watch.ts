import { setTimeout as wait } from 'node:timers/promises'
import type { Uses } from 'banyan/types'
import type { Door } from './door.ts'
import type { Moment, Progress } from './progress.ts'
import { eventsOf } from './quiet.ts'
import type { Told } from './told.ts'

export interface Watched<U extends Uses> {
  readonly progress: Progress
  readonly door: Door<U>
  readonly told: Told
  readonly kills: () => number
}

const LOOK_MS = 200
/** The logs are asked for their length less often: the answer costs the shop something. */
const ASK_MS = 2_000

/** Shows how far a replay has come, until `stop`, and then once more. */
export async function watch<U extends Uses>({ progress, door, told, kills }: Watched<U>, stop: AbortSignal): Promise<void> {
  const began = performance.now()
  let events = 0
  let asked = -Infinity
  const moment = (): Moment => {
    const { invoices, lines, accepted } = told
    return { elapsedMs: performance.now() - began, invoices, lines, accepted, refused: lines - accepted, events, repeats: door.repeats, kills: kills() }
  }
  while (!stop.aborted) {
    if (performance.now() - asked > ASK_MS) {
      asked = performance.now()
      void eventsOf(door).then((count) => (events = count ?? events))
    }
    progress.show(moment())
    await wait(LOOK_MS, undefined, { signal: stop }).catch(() => {})
  }
  events = (await eventsOf(door)) ?? events
  progress.show(moment(), true)
}
