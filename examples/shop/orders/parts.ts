import { implement, postgres } from 'banyan'
import type { Tx } from 'banyan/types'
import { catalog } from '../catalog/contract.ts'
import { inventory } from '../inventory/contract.ts'
import { payments } from '../payments/contract.ts'
import { shipping } from '../shipping/contract.ts'
import { orders } from './contract.ts'
import type { Tables } from './tables.ts'

const uses = { catalog, inventory, payments, shipping }

export const { handler, on, projection, service } = implement(orders, {
  uses,
  store: postgres<Tables>({ migrations: import.meta.resolve('./migrations') }),
})

/** What a transaction of this service may do. */
export type Transaction = Tx<{ service: 'orders'; uses: typeof uses; tables: Tables }>
