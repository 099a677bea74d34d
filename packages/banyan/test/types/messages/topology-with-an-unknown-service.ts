import { app, topology } from 'banyan'
import { byId, cancel, place, service } from '../shop.ts'

const orders = service({ handlers: { place, cancel, byId } })

app('shop', {
  services: { orders: async () => ({ default: orders }) },
  topologies: { split: topology({ units: { sales: ['order'] } }) },
})
