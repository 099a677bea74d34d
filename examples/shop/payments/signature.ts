import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Answer } from './contract.ts'

/** The secret that the provider and we share; the development value works for the simulated one. */
const secret = process.env['PAYMENTS_WEBHOOK_SECRET'] ?? 'for development only'

/** What the provider signs its answer with (HMAC-SHA256, RFC 2104). */
export function sign({ orderId, outcome, chargeId, reason }: Answer & { readonly orderId: string }): string {
  return createHmac('sha256', secret)
    .update(JSON.stringify([orderId, outcome, chargeId, reason]))
    .digest('hex')
}

/** Whether an answer comes from somebody who knows the secret. Takes the same time whatever is wrong with it. */
export function signed(answer: Answer & { readonly orderId: string; readonly signature: string }): boolean {
  const expected = Buffer.from(sign(answer))
  const actual = Buffer.from(answer.signature)
  return actual.length === expected.length && timingSafeEqual(actual, expected)
}
