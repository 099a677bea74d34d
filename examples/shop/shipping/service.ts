import { anyOf, anyone, from, owner, role, services } from 'banyan'
import { consignment } from './consignment.ts'
import { delivered, dispatch, pack, withdraw } from './dispatch.ts'
import { service } from './parts.ts'
import { byOrder, ledger, open, track } from './queries.ts'
import { request } from './request.ts'
import { shipments } from './views.ts'

export default service({
  handlers: { pack, dispatch, delivered, withdraw, byOrder, track, open, ledger },
  publishes: {
    Dispatched: from(consignment, 'Dispatched', ({ customerId, parcel, tracking, items }, { id }) => ({ orderId: id, customerId, parcel, tracking, items })),
    Delivered: from(consignment, 'Delivered', ({ customerId, parcel }, { id }) => ({ orderId: id, customerId, parcel })),
    Withdrawn: from(consignment, 'Withdrawn', ({ request, items }, { id }) => ({ orderId: id, request, items })),
    TooLate: from(consignment, 'TooLate', ({ request }, { id }) => ({ orderId: id, request })),
  },
  policies: {
    pack: { access: services('shipping') },
    dispatch: { access: role('staff') },
    delivered: { access: role('staff') },
    withdraw: { access: services('orders') },
    byOrder: {
      access: anyOf(
        owner((shipment) => shipment.customerId),
        role('staff'),
      ),
    },
    track: { access: anyone() },
    open: { access: role('staff') },
    ledger: { access: role('staff') },
  },
  projections: [shipments],
  reactions: [request],
})
