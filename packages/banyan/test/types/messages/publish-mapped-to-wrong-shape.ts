import { from } from 'banyan'
import { byId, cancel, order, place, service } from '../shop.ts'

service({
  handlers: { place, cancel, byId },
  publishes: { Cancelled: from(order, 'Cancelled', ({ reason }, { id }) => ({ order: id, reason })) },
})
