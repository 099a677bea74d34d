import type { Item } from '../values/item.ts'

/** What a client wrote down of one order: what it wanted, and what it was told. */
export interface ClientOrder {
  /** The idempotency key of the order. */
  readonly key: string
  readonly customer: string
  readonly lines: readonly Item[]
  readonly card: string
  /** What it comes to, by the price list. */
  readonly cents: number
  /** `unknown`: sent, and not answered yet. */
  placed: { readonly answer: 'unknown' | 'refused' } | { readonly answer: 'accepted'; readonly orderId: string }
  /** Whether the customer wanted it cancelled, and what they were told; `asked`: what has not left will be. */
  cancel: 'no' | 'unknown' | 'cancelled' | 'asked' | 'too late'
}

/** The client's own book, beside the shop's: it is never killed. */
export class ClientBook {
  readonly orders: ClientOrder[] = []
  /** Answers that contradict an earlier one, or make no sense. */
  readonly surprises: string[] = []
  /** How often something was asked again under its key. */
  repeats = 0

  count(answer: ClientOrder['placed']['answer']): number {
    return this.orders.filter(({ placed }) => placed.answer === answer).length
  }
}
