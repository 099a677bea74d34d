import { handler, orders } from '../shop.ts'

handler(orders.place, (_input, { transact }) => transact(() => ({ id: '' })))
