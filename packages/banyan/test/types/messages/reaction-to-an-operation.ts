import { on, payments } from '../shop.ts'

on(payments.charge, () => undefined)
