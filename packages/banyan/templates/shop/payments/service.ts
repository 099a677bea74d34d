import { from, implement, services } from 'banyan'
import { payments } from './contract.ts'
import { payment } from './payment.ts'

/** Small enough for one file. A real one would ask a card provider before it transacts. */
export default implement(payments).service({
  handlers: {
    charge: ({ orderId, amount }, { transact }) => transact((tx) => tx.decide(payment, orderId).charge({ amount })),
  },
  publishes: {
    Captured: from(payment, 'Captured', ({ amount }, { id }) => ({ orderId: id, amount })),
    Declined: from(payment, 'Declined', ({ reason }, { id }) => ({ orderId: id, reason })),
  },
  policies: { charge: { access: services('orders') } },
})
