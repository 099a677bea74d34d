import { anyOf, from, owner, role } from 'banyan'
import { merged } from '../values/item.ts'
import { cancel, cancelItems } from './cancel.ts'
import { enter } from './enter.ts'
import { fulfilment } from './fulfilment.ts'
import { ledger, received } from './ledgers.ts'
import { order } from './order.ts'
import { service } from './parts.ts'
import { place } from './place.ts'
import { byId, invoice, mine } from './queries.ts'
import { receivedView } from './received-view.ts'
import { sales, topCustomers, topProducts } from './reports.ts'
import { returnItems } from './return-items.ts'
import { itemsOf } from './shares.ts'
import { orderView } from './views.ts'
import { withdrawals } from './withdrawals.ts'

const staff = { access: role('staff') }

export default service({
  handlers: { place, enter, cancel, cancelItems, returnItems, byId, mine, invoice, sales, topProducts, topCustomers, ledger, received },
  // the card and the prices stay in the house
  publishes: {
    Placed: from(order, 'Placed', ({ customerId, lines, total }, { id }) => ({ orderId: id, customerId, items: merged(lines), total })),
    Confirmed: from(order, 'Confirmed', ({ customerId, country, items, ship }, { id }) => ({ orderId: id, customerId, country, items, ship })),
    Cancelled: from(order, 'Cancelled', ({ customerId, reason }, { id }) => ({ orderId: id, customerId, reason })),
    Returned: from(order, 'ItemsReturned', ({ request, shares }, { id }) => ({ orderId: id, request, items: itemsOf(shares) })),
  },
  policies: {
    place: { access: role('customer') },
    enter: staff,
    cancel: { access: role('customer') },
    cancelItems: { access: role('customer', 'staff') },
    returnItems: { access: role('customer', 'staff') },
    byId: {
      access: anyOf(
        owner((order) => order.customerId),
        role('staff'),
      ),
    },
    mine: { access: role('customer') },
    invoice: staff,
    sales: staff,
    topProducts: staff,
    topCustomers: staff,
    ledger: staff,
    received: staff,
  },
  projections: [orderView, receivedView],
  reactions: [...fulfilment, ...withdrawals],
})
