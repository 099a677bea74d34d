import { handler, payments } from '../shop.ts'

handler(payments.charge, () => ({ chargeId: '' }))
