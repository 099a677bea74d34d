import { implement, postgres } from 'banyan'
import { catalog } from './contract.ts'

/** The tables of `migrations/`, for Kysely. */
interface Tables {
  product: { sku: string; name: string; price: number }
}

export const { handler, service } = implement(catalog, {
  store: postgres<Tables>({ migrations: import.meta.resolve('./migrations') }),
})
