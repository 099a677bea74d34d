import { anyOf, from, owner, role } from 'banyan'
import { cancel } from './cancel.ts'
import { fulfilment } from './fulfilment.ts'
import { order } from './order.ts'
import { service } from './parts.ts'
import { place } from './place.ts'
import { byId, ledger, mine } from './queries.ts'
import { orderView } from './views.ts'

export default service({
  handlers: { place, cancel, byId, mine, ledger },
  // the card and the prices stay in the house
  publishes: {
    Placed: from(order, 'Placed', ({ customerId, lines, total }, { id }) => ({ orderId: id, customerId, lines, total })),
    Confirmed: from(order, 'Confirmed', (_confirmed, { id }) => ({ orderId: id })),
    Cancelled: from(order, 'Cancelled', ({ reason }, { id }) => ({ orderId: id, reason })),
  },
  policies: {
    place: { access: role('customer') },
    cancel: { access: role('customer') },
    byId: {
      access: anyOf(
        owner((order) => order.customerId),
        role('staff'),
      ),
    },
    mine: { access: role('customer') },
    ledger: { access: role('staff') },
  },
  projections: [orderView],
  reactions: fulfilment,
})
