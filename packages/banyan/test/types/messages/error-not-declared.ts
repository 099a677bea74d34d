import { orders } from '../shop.ts'

throw orders.place.errors.NotFound({ orderId: '' })
