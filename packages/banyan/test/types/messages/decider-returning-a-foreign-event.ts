import { aggregate } from 'banyan'
import { Cancelled, type OrderState, Refunded } from '../shop.ts'

aggregate('order', {
  events: { Cancelled },
  initial: { status: 'none' } as OrderState,
  evolve: { Cancelled: (_state) => ({ status: 'cancelled' }) },
  decide: { refund: () => Refunded({ amount: 1 }) },
})
