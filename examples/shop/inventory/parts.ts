import { implement, postgres } from 'banyan'
import { catalog } from '../catalog/contract.ts'
import { orders } from '../orders/contract.ts'
import { inventory } from './contract.ts'
import type { Tables } from './tables.ts'

export const { handler, on, projection, service } = implement(inventory, {
  uses: { catalog, orders },
  store: postgres<Tables>({ migrations: import.meta.resolve('./migrations') }),
})
