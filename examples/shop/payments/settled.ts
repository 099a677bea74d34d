import { payments } from './contract.ts'
import { handler } from './parts.ts'
import { payment } from './payment.ts'
import { signed } from './signature.ts'

/** The provider's webhook. Anyone may call it; the signature says whether it is the provider. */
export const settled = handler(payments.settled, (answer, { transact }) => {
  if (!signed(answer)) throw payments.settled.errors.BadSignature({})
  return transact((tx) => tx.decide(payment, answer.orderId).settle({ orderId: answer.orderId, answer }))
})
