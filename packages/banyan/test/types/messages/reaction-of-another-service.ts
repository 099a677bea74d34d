import { implement } from 'banyan'
import { byId, cancel, payments, place, service, shipping } from '../shop.ts'

const { on } = implement(shipping, { uses: { payments } })

service({ handlers: { place, cancel, byId }, reactions: [on(payments.Declined, () => undefined)] })
