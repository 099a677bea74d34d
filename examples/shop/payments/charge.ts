import { payments } from './contract.ts'
import { handler } from './parts.ts'
import { payment } from './payment.ts'

/** Writes down what is to be charged, and promises to collect it, in one commit. */
export const charge = handler(payments.charge, ({ orderId, customerId, amount, card }, { transact }) =>
  transact(async (tx) => {
    const { events } = await tx.decide(payment, orderId).request({ customerId, amount, card })
    if (events > 0) tx.send.payments.collect({ orderId })
  }),
)
