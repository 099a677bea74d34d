import { BanyanError } from 'banyan'
import { createHash } from 'node:crypto'
import type { Charge, Provider } from './provider.ts'

/** How often `tok_slow` gives no answer before it gives one. */
const SILENT = 2

/**
 * Plays a card provider without a network or a clock: what it answers follows from card and key alone. `tok_ok` pays; `tok_declined` does
 * not; `tok_slow` is silent twice before it pays; `tok_twice` pays and tells the webhook too; `tok_later` leaves the answer to the webhook.
 */
export function simulatedProvider(): Provider {
  const silences = new Map<string, number>()
  return {
    charge: async ({ key, card }) => {
      const silent = silences.get(key) ?? 0
      if (card === 'tok_slow' && silent < SILENT) {
        silences.set(key, silent + 1)
        throw new BanyanError('unavailable', `the card provider did not answer for ${key} in time; ask again under the same key`, { executed: 'maybe' })
      }
      silences.delete(key)
      return chargeOf(card, reference('ch', key))
    },
    refund: async ({ key }) => ({ refundId: reference('re', key) }),
  }
}

function chargeOf(card: string, chargeId: string): Charge {
  switch (card) {
    case 'tok_ok':
    case 'tok_slow':
      return { answer: { outcome: 'captured', chargeId, reason: '' }, notifies: false }
    case 'tok_twice':
      return { answer: { outcome: 'captured', chargeId, reason: '' }, notifies: true }
    case 'tok_later':
      return { answer: undefined, notifies: false }
    case 'tok_declined':
      return { answer: { outcome: 'declined', chargeId, reason: 'the card has no funds' }, notifies: false }
    default:
      return { answer: { outcome: 'declined', chargeId, reason: `the card ${card} is not known` }, notifies: false }
  }
}

/** The same key gives the same reference, as a provider's idempotency does. */
function reference(prefix: string, key: string): string {
  return `${prefix}_${createHash('sha256').update(key).digest('hex').slice(0, 16)}`
}
