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

/** Says something about an order to somebody, by name where one is known. */
export type Compose = (order: Order, name: string | null) => Letter

export const confirmed: Compose = (order, name) =>
  letter(name, `Your order ${order.orderId} is confirmed`, [
    'Thank you. It is paid for, and this is yours:',
    list(order.items),
    `Total: ${written(order.total)}`,
  ])

export function cancelled(reason: Reason): Compose {
  return (order, name) =>
    letter(name, `Your order ${order.orderId} is cancelled`, [
      `It came to nothing, because ${because[reason]}. This was in it:`,
      list(order.items),
      `You pay nothing; what was charged of ${written(order.total)} goes back to your card.`,
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
