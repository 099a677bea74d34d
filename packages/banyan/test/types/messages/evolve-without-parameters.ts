import { aggregate } from 'banyan'
import { Cancelled, type OrderState } from '../shop.ts'

// TypeScript reads a function without parameters before it knows State, so the literal widens: name the parameter, `(_state) => …`
aggregate('order', {
  events: { Cancelled },
  initial: { status: 'none' } as OrderState,
  evolve: { Cancelled: () => ({ status: 'cancelled' }) },
  decide: {},
})
