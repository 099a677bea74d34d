import { implement, postgres } from 'banyan'
import { catalog } from '../catalog/contract.ts'
import { payments } from '../payments/contract.ts'
import { orders, type Status } from './contract.ts'

/** The tables of `migrations/`, for Kysely. */
interface Tables {
  order_view: { order_id: string; customer_id: string; status: Status; total: number }
}

export const { handler, on, projection, service } = implement(orders, {
  // the only services that this one may call, send to or hear
  uses: { catalog, payments },
  store: postgres<Tables>({ migrations: import.meta.resolve('./migrations') }),
})
