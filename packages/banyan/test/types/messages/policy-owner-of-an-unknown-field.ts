import { owner } from 'banyan'
import { byId, cancel, place, service } from '../shop.ts'

service({ handlers: { place, cancel, byId }, policies: { byId: { access: owner((order) => order.customer) } } })
