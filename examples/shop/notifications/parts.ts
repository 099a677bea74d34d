import { implement, postgres } from 'banyan'
import { orders } from '../orders/contract.ts'
import { shipping } from '../shipping/contract.ts'
import { users } from '../users/contract.ts'
import { notifications } from './contract.ts'
import type { Tables } from './tables.ts'

export const { handler, on, service } = implement(notifications, {
  uses: { users, orders, shipping, notifications },
  store: postgres<Tables>({ migrations: import.meta.resolve('./migrations') }),
})
