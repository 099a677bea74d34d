import { GUEST } from '../values/guest.ts'
import { Sku } from '../values/item.ts'
import { fromDecimal } from '../values/money.ts'
import { bought, findBought } from './bought.ts'
import { creditOfShipped } from './changes.ts'
import { orders, type PricedLine } from './contract.ts'
import { matched, type Matched } from './credit-matching.ts'
import { invoice } from './invoice.ts'
import { momentOf, refusalOfSale, type EnteredLine, type InvoiceLine } from './invoice-document.ts'
import { order } from './order.ts'
import type { Details } from './order-events.ts'
import { refundsOf } from './order-state.ts'
import { handler, type Transaction } from './parts.ts'
import { itemsOf } from './shares.ts'

/** Judges what was entered line by line, and commits it together with what follows from it: an order, or what is taken back of several. */
export const enter = handler(orders.enter, async (document, { call, query, transact, id }) => {
  const { invoice: number, kind, customerId, country, card, ship, lines } = document
  const listed = new Set(kind === 'sale' ? Object.keys(await call.catalog.prices({ skus: skusOf(lines) })) : [])
  const candidates = kind === 'credit' && customerId !== null ? await findBought(query, customerId, lines) : []
  const newId = id()
  return transact(async (tx) => {
    const { entered, credits } =
      kind === 'credit'
        ? matched(lines, customerId, await bought(candidates, lines, async (orderId) => (await tx.load(order, orderId)).state))
        : judged(lines, (line) => (kind === 'sale' ? refusalOfSale(line, listed) : 'not goods'))
    const accepted = entered.filter(({ refused }) => refused === null)
    const orderId = kind === 'sale' && accepted.length > 0 ? newId : null
    await tx.decide(invoice, number).enter({ number, document: { kind, customerId, country, orderId, lines: entered } })
    if (orderId !== null) await tx.decide(order, orderId).enter({ ...sold(accepted), customerId: customerId ?? GUEST, country, card, ship, invoice: number })
    for (const credit of credits) await takeBack(tx, number, credit)
    return {
      invoice: number,
      orderId,
      accepted: accepted.length,
      refused: entered.flatMap(({ line, refused }) => (refused ? [{ line, reason: refused }] : [])),
    }
  })
})

/** What could be a product here. */
function skusOf(lines: readonly InvoiceLine[]): string[] {
  return [...new Set(lines.map(({ sku }) => sku.toUpperCase()))].filter((sku) => Sku.safeParse(sku).success)
}

function judged(lines: readonly InvoiceLine[], refusal: (line: InvoiceLine) => EnteredLine['refused']): Matched {
  return { entered: lines.map((line) => ({ ...line, refused: refusal(line) })), credits: [] }
}

/** The lines of an order at the invoice's prices, and when it was placed. */
function sold(accepted: readonly EnteredLine[]): Pick<Details, 'lines' | 'placedAt'> {
  const lines = accepted.map(({ line, sku, quantity, price }): PricedLine => ({ line, sku: sku.toUpperCase(), quantity, price: fromDecimal(price)! }))
  return { lines, placedAt: momentOf(accepted[0]!.at).toISOString() }
}

/** Asks shipping for what has not left, and pays back at once what has. */
async function takeBack(tx: Transaction, number: string, { orderId, items }: Matched['credits'][number]): Promise<void> {
  await tx.decide(order, orderId).credit({ request: number, items })
  const { state } = await tx.load(order, orderId)
  const open = state.status === 'none' ? undefined : state.asked[number]
  if (open) tx.send.shipping.withdraw({ orderId, request: number, items: itemsOf(open.shares), partly: true })
  for (const refund of refundsOf(state, creditOfShipped(number))) tx.send.payments.refund({ orderId, ...refund })
}
