import { aggregate } from 'banyan'
import { Cancelled, type OrderState, Placed } from '../shop.ts'

aggregate('order', {
  events: { Placed, Cancelled },
  initial: { status: 'none' } as OrderState,
  evolve: {
    Placed: (_state, { total }) => ({ status: 'paid', total }),
    Cancelled: (_state) => ({ status: 'cancelled' }),
  },
  decide: {},
})
