import { setTimeout as wait } from 'node:timers/promises'
import type { Ledgers } from '../ledgers.ts'
import type { ClientBook } from './client-book.ts'
import type { FrontDoor } from './front-door.ts'
import type { Picture } from './picture.ts'
import type { Supervisor } from './supervisor.ts'

export interface Watched {
  readonly picture: Picture
  readonly door: FrontDoor
  readonly book: ClientBook
  readonly supervisor: Supervisor
  readonly staff: string
}

const LOOK_MS = 100

/** Draws the picture until `stop`; what the shop says of itself is asked of it now and then, and is as old as its last answer. */
export async function watch({ picture, door, book, supervisor, staff }: Watched, stop: AbortSignal): Promise<void> {
  const began = performance.now()
  let said = { confirmed: 0, cancelled: 0 }
  let asking = false
  while (!stop.aborted) {
    if (!asking) {
      asking = true
      void door.try('GET', '/ledgers/orders', { token: staff }).then((reply) => {
        if (reply?.status === 200) said = reply.body as Ledgers['orders']
        asking = false
      })
    }
    const { confirmed, cancelled } = said
    const [accepted, refused] = [book.count('accepted'), book.count('refused')]
    picture.show({ elapsedMs: performance.now() - began, unitsOpen: supervisor.open, sent: book.orders.length, accepted, refused, confirmed, cancelled })
    await wait(LOOK_MS, undefined, { signal: stop }).catch(() => {})
  }
}
