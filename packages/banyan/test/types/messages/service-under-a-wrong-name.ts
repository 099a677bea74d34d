import { app } from 'banyan'
import { byId, cancel, place, service } from '../shop.ts'

const orders = service({ handlers: { place, cancel, byId } })

app('shop', { services: { order: async () => ({ default: orders }) } })
