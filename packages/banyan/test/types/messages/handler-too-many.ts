import { byId, cancel, place, service } from '../shop.ts'

service({ handlers: { place, cancel, byId, refund: () => undefined } })
