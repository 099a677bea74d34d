import { Placed } from '../shop.ts'

Placed({ orderId: '', customer: '', total: 1 })
