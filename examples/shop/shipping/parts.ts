import { implement, postgres } from 'banyan'
import type { Duration } from 'banyan/types'
import { orders } from '../orders/contract.ts'
import { shipping } from './contract.ts'
import type { Tables } from './tables.ts'

export const { handler, on, projection, service } = implement(shipping, {
  // it sends commands to itself: parcels that are packed in a while
  uses: { orders, shipping },
  store: postgres<Tables>({ migrations: import.meta.resolve('./migrations') }),
})

/** How long it takes to pack a parcel: `SHOP_PACKING`, two seconds unless said. */
export function packing(): Duration {
  return (process.env['SHOP_PACKING'] ?? '2s') as Duration
}
