import { anyOf, owner, role } from 'banyan'
import { service } from './parts.ts'
import { place } from './place.ts'
import { byId, mine } from './queries.ts'
import { settle } from './settle.ts'
import { orderView } from './views.ts'

export default service({
  handlers: { place, byId, mine },
  policies: {
    place: { access: role('customer') },
    byId: {
      access: anyOf(
        owner((order) => order.customerId),
        role('staff'),
      ),
    },
    mine: { access: role('customer') },
  },
  projections: [orderView],
  reactions: settle,
})
