import { implement, postgres } from 'banyan'
import { catalog } from '../catalog/contract.ts'
import { inventory } from '../inventory/contract.ts'
import { payments } from '../payments/contract.ts'
import { orders } from './contract.ts'
import type { Tables } from './tables.ts'

export const { handler, on, projection, service } = implement(orders, {
  uses: { catalog, inventory, payments },
  store: postgres<Tables>({ migrations: import.meta.resolve('./migrations') }),
})
