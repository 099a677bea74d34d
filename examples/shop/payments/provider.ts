import type { Money } from '../values/money.ts'
import type { Answer } from './contract.ts'

/** A card provider, as the shop needs it. Both calls may be repeated under the same key: the money moves once. */
export interface Provider {
  /** Throws `unavailable` when no answer came in time; the charge may then have happened. */
  charge(request: { key: string; card: string; amount: Money }): Promise<Charge>
  refund(request: { key: string; chargeId: string; amount: Money }): Promise<{ refundId: string }>
}

export interface Charge {
  /** Undefined: the answer will come to our webhook. */
  readonly answer: Answer | undefined
  /** The provider tells our webhook as well. */
  readonly notifies: boolean
}
