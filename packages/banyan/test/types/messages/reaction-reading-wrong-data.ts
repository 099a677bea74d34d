import { on, payments } from '../shop.ts'

on(payments.Declined, ({ order }, { log }) => log.info(order))
