import { cancel, place, service } from '../shop.ts'

service({
  handlers: { place, cancel, byId: ({ orderId }) => ({ orderId, customer: 'c' }) },
})
