import { owner } from 'banyan'
import { byId, cancel, place, service } from '../shop.ts'

service({ handlers: { place, cancel, byId }, policies: { place: { access: owner((placed: { orderId: string }) => placed.orderId) } } })
