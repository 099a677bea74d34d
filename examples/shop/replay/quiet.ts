import { BanyanError } from 'banyan'
import type { Uses } from 'banyan/types'
import { setTimeout as wait } from 'node:timers/promises'
import type { Door } from './door.ts'

/** What a service has to do, and how many events its log has. */
interface Activity {
  readonly service: string
  readonly busy: readonly string[]
  readonly end: number
}

const PATH = '/_development/activity'
const LOOK_MS = 250
/** So long without an event and still busy: something is stuck. */
const STUCK_MS = 180_000

/** How many events are in the logs of all services; `undefined` when somebody does not answer just now. */
export async function eventsOf<U extends Uses>(door: Door<U>): Promise<number | undefined> {
  const activities = await look(door)
  return activities?.reduce((sum, { end }) => sum + end, 0)
}

/** Resolves once all that has happened is reacted to, everywhere: twice in a row nothing to do and nothing new. Throws what is stuck. */
export async function quiet<U extends Uses>(door: Door<U>, stop: AbortSignal): Promise<void> {
  let before = ''
  let since = performance.now()
  for (;;) {
    stop.throwIfAborted()
    const activities = await look(door)
    const now = JSON.stringify(activities)
    if (activities?.every(({ busy }) => busy.length === 0) && now === before) return
    if (now !== before) since = performance.now()
    if (performance.now() - since > STUCK_MS) throw new Error(`for ${STUCK_MS / 1000} s nothing has happened, and there is still something to do: ${now}`)
    before = now
    await wait(LOOK_MS, undefined, { signal: stop })
  }
}

async function look<U extends Uses>(door: Door<U>): Promise<Activity[] | undefined> {
  try {
    return (await door.developmentAnswers<Activity[]>(PATH)).flat()
  } catch (error) {
    if (BanyanError.is(error, 'unavailable')) return undefined
    throw error
  }
}
