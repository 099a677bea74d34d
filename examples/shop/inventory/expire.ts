import { inventory } from './contract.ts'
import { handler } from './parts.ts'
import { reservation } from './reservation.ts'

export const expire = handler(inventory.expire, ({ orderId }, { transact }) => transact((tx) => tx.decide(reservation, orderId).expire()))
