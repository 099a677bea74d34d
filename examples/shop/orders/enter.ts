import { Sku } from '../values/item.ts'
import { fromDecimal } from '../values/money.ts'
import { bought, findBought } from './bought.ts'
import { orders, type PricedLine } from './contract.ts'
import { creditOfShipped } from './changes.ts'
import { matched } from './credit-matching.ts'
import { invoice } from './invoice.ts'
import { momentOf, refusalOfSale, type EnteredLine, type InvoiceLine } from './invoice-document.ts'
import { order } from './order.ts'
import { refundsOf } from './order-state.ts'
import { handler } from './parts.ts'
import { itemsOf } from './shares.ts'

/** Judges what was entered line by line, and commits it together with what follows from it: an order, or what is taken back of several. */
export const enter = handler(orders.enter, async (document, { call, query, transact, id }) => {
  const { invoice: number, kind, customerId, country, card, ship, lines } = document
  const answer = (entered: readonly EnteredLine[], orderId: string | null) => ({
    invoice: number,
    orderId,
    accepted: entered.filter(({ refused }) => refused === null).length,
    refused: entered.flatMap(({ line, refused }) => (refused === null ? [] : [{ line, reason: refused }])),
  })

  if (kind === 'adjustment') {
    const entered = lines.map((line): EnteredLine => ({ ...line, refused: 'not goods' }))
    return transact(async (tx) => {
      await tx.decide(invoice, number).enter({ number, document: { kind, customerId, country, orderId: null, lines: entered } })
      return answer(entered, null)
    })
  }

  if (kind === 'sale') {
    const prices = await call.catalog.prices({ skus: skusOf(lines) })
    const listed = new Set(Object.keys(prices))
    const entered = lines.map((line): EnteredLine => ({ ...line, refused: refusalOfSale(line, listed) }))
    const sold = entered.filter(({ refused }) => refused === null)
    const orderId = sold.length > 0 ? id() : null
    return transact(async (tx) => {
      await tx.decide(invoice, number).enter({ number, document: { kind, customerId, country, orderId, lines: entered } })
      if (orderId !== null) {
        const placedAt = momentOf(sold[0]!.at).toISOString()
        await tx.decide(order, orderId).enter({ customerId: customerId ?? GUEST, country, card, ship, placedAt, invoice: number, lines: sold.map(atItsPrice) })
      }
      return answer(entered, orderId)
    })
  }

  const candidates = customerId === null ? [] : await findBought(query, customerId, lines)
  return transact(async (tx) => {
    const known = await bought(candidates, lines, async (orderId) => (await tx.load(order, orderId)).state)
    const { entered, credits } = matched(lines, customerId, known)
    await tx.decide(invoice, number).enter({ number, document: { kind, customerId, country, orderId: null, lines: entered } })
    for (const { orderId, items } of credits) {
      await tx.decide(order, orderId).credit({ request: number, items })
      const { state } = await tx.load(order, orderId)
      const open = state.status === 'none' ? undefined : state.asked[number]
      if (open) tx.send.shipping.withdraw({ orderId, request: number, items: itemsOf(open.shares), partly: true })
      for (const refund of refundsOf(state, creditOfShipped(number))) tx.send.payments.refund({ orderId, ...refund })
    }
    return answer(entered, null)
  })
})

/** Whose order it is when nobody said. */
export const GUEST = 'guest'

/** What could be a product here. */
function skusOf(lines: readonly InvoiceLine[]): string[] {
  return [...new Set(lines.map(({ sku }) => sku.toUpperCase()))].filter((sku) => Sku.safeParse(sku).success)
}

function atItsPrice({ line, sku, quantity, price }: InvoiceLine): PricedLine {
  return { line, sku: sku.toUpperCase(), quantity, price: fromDecimal(price)! }
}
