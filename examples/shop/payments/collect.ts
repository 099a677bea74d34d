import { payments } from './contract.ts'
import { handler, provider } from './parts.ts'
import { payment } from './payment.ts'
import { sign } from './signature.ts'

/**
 * Asks the provider, then writes down its answer. Not a reaction but a command of its own, so that a provider which is slow with one
 * card holds up no other payment. It may run several times; the provider moves the money once, because the order's id is the key.
 */
export const collect = handler(payments.collect, async ({ orderId }, { load, transact }) => {
  const { state } = await load(payment, orderId)
  if (state.status !== 'requested') return // the webhook was faster
  const { answer, notifies } = await provider.charge({ key: orderId, card: state.card, amount: state.amount })
  if (!answer) return // the webhook will tell
  await transact(async (tx) => {
    await tx.decide(payment, orderId).settle({ orderId, answer })
    // nobody outside plays the provider, so its call to the webhook starts here
    if (notifies) tx.send.payments.settled({ ...answer, orderId, signature: sign({ ...answer, orderId }) })
  })
})
