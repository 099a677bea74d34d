import { on, payments } from '../shop.ts'

on(payments.Declined, ({ orderId }, { call }) => call.payments.charge({ orderId, total: 1 }))
