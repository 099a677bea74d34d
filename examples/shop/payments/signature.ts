import { createHmac, timingSafeEqual } from 'node:crypto'
import { env } from 'banyan'
import type { Answer } from './contract.ts'

const DEVELOPMENT = 'for development only'

/** The secret that the provider and we share. */
export const webhookSecret = env('PAYMENTS_WEBHOOK_SECRET', DEVELOPMENT)
const secret = process.env[webhookSecret.name] ?? DEVELOPMENT

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
