import type { Reason } from '../orders/contract.ts'
import type { Item } from '../values/item.ts'
import { written, type Money } from '../values/money.ts'

/** What somebody is told. */
export interface Letter {
  readonly subject: string
  readonly text: string
}

/** An order as its customer knows it. */
export interface Order {
  readonly orderId: string
  readonly items: readonly Item[]
  readonly total: Money
}

/** What has left the house at once. */
export interface Sent {
  readonly orderId: string
  readonly tracking: string
  readonly items: readonly Item[]
}

/** Says something to somebody, by name where one is known. */
export type Compose = (name: string | null) => Letter

export function confirmed({ orderId, items, total }: Order): Compose {
  return (name) =>
    letter(name, `Your order ${orderId} is confirmed`, [
      'Thank you. It is paid for, and this is yours:',
      list(items),
      `Total: ${written(total)}`,
      'We write again when it leaves.',
    ])
}

export function cancelled({ orderId, items, total }: Order, reason: Reason): Compose {
  return (name) =>
    letter(name, `Your order ${orderId} is cancelled`, [
      `It came to nothing, because ${because[reason]}. This was in it:`,
      list(items),
      `You pay nothing; what was charged of ${written(total)} goes back to your card.`,
    ])
}

export function dispatched({ orderId, tracking, items }: Sent): Compose {
  return (name) =>
    letter(name, `A parcel of your order ${orderId} is on its way`, [
      'In it:',
      list(items),
      `Its number is ${tracking}; whoever has the number may ask where it is.`,
    ])
}

const because: Readonly<Record<Reason, string>> = {
  'sold out': 'we no longer have enough of something in it',
  declined: 'your card was declined',
  expired: 'it was not paid for in time',
  'by the customer': 'you asked for that',
}

function letter(name: string | null, subject: string, paragraphs: readonly string[]): Letter {
  const text = [name === null ? 'Hello,' : `Dear ${name},`, ...paragraphs, 'The shop'].join('\n\n')
  return { subject, text: `${text}\n` }
}

function list(items: readonly Item[]): string {
  return items.map(({ sku, quantity }) => `  ${quantity} × ${sku}`).join('\n')
}
