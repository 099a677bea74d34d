import { anyOf, anyone, from, owner, role, services } from 'banyan'
import { charge } from './charge.ts'
import { collect } from './collect.ts'
import { service } from './parts.ts'
import { payment } from './payment.ts'
import { byId, ledger } from './queries.ts'
import { refund } from './refund.ts'
import { settled } from './settled.ts'
import { paymentLedger } from './views.ts'

export default service({
  handlers: { charge, collect, refund, settled, byId, ledger },
  publishes: {
    Captured: from(payment, 'Captured', ({ chargeId, amount }, { id }) => ({ orderId: id, chargeId, amount })),
    Declined: from(payment, 'Declined', ({ reason }, { id }) => ({ orderId: id, reason })),
    Refunded: from(payment, 'Refunded', ({ refundId, amount }, { id }) => ({ orderId: id, refundId, amount })),
  },
  policies: {
    charge: { access: services('orders') },
    refund: { access: services('orders') },
    collect: { access: services('payments') },
    settled: { access: anyone() },
    byId: {
      access: anyOf(
        owner((payment) => payment.customerId),
        role('staff'),
      ),
    },
    ledger: { access: role('staff') },
  },
  projections: [paymentLedger],
})
