import { implement, postgres } from 'banyan'
import { users } from './contract.ts'
import { keysOfFields } from './field-encryption.ts'
import type { Tables } from './tables.ts'

export const { handler, service } = implement(users, {
  store: postgres<Tables>({ migrations: import.meta.resolve('./migrations') }),
  secrets: [keysOfFields],
})
