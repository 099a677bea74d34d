import { implement, postgres } from 'banyan'
import { catalog } from './contract.ts'
import type { Tables } from './tables.ts'

export const { handler, invalidation, service } = implement(catalog, {
  store: postgres<Tables>({ migrations: import.meta.resolve('./migrations') }),
})
