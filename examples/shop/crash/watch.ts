import { setTimeout as wait } from 'node:timers/promises'
import type { Ledgers } from '../ledgers.ts'
import type { Picture } from './picture.ts'
import type { Supervisor } from '../fleet/supervisor.ts'
import type { Trade } from './trade.ts'

export interface Watched {
  readonly picture: Picture
  readonly trade: Trade
  readonly supervisor: Supervisor
}

const LOOK_MS = 100

/** Draws the picture until `stop`; what the shop says of itself is asked of it now and then, and is as old as its last answer. */
export async function watch({ picture, trade: { door, book, customers }, supervisor }: Watched, stop: AbortSignal): Promise<void> {
  const began = performance.now()
  let said = { shipped: 0, cancelled: 0 }
  let asking = false
  while (!stop.aborted) {
    if (!asking) {
      asking = true
      void door.try('GET', '/ledgers/orders', { token: customers.staff }).then((reply) => {
        if (reply?.status === 200) said = reply.body as Ledgers['orders']
        asking = false
      })
    }
    const { shipped, cancelled } = said
    const [accepted, refused] = [book.count('accepted'), book.count('refused')]
    picture.show({ elapsedMs: performance.now() - began, unitsOpen: supervisor.open, sent: book.orders.length, accepted, refused, shipped, cancelled })
    await wait(LOOK_MS, undefined, { signal: stop }).catch(() => {})
  }
}
