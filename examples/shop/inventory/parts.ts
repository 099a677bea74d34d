import { implement, postgres } from 'banyan'
import type { Duration } from 'banyan/types'
import { catalog } from '../catalog/contract.ts'
import { orders } from '../orders/contract.ts'
import { shipping } from '../shipping/contract.ts'
import { inventory } from './contract.ts'
import type { Tables } from './tables.ts'

export const { handler, on, projection, service } = implement(inventory, {
  // it sends commands to itself: reservations that expire
  uses: { catalog, orders, shipping, inventory },
  store: postgres<Tables>({ migrations: import.meta.resolve('./migrations') }),
})

/** How long goods are kept for an order that is not paid for: `SHOP_RESERVATION`, 15 minutes unless said. */
export function holdFor(): Duration {
  return (process.env['SHOP_RESERVATION'] ?? '15m') as Duration
}
