import { times, sum, type Money } from '../values/money.ts'
import type { Line } from '../values/line.ts'
import { orders, type PricedLine } from './contract.ts'

/** Lines at their prices, one for each product. Refuses a product that has no price. */
export function priced(lines: readonly Line[], prices: Readonly<Record<string, Money>>): PricedLine[] {
  const quantities = new Map<string, number>()
  for (const { sku, quantity } of lines) quantities.set(sku, (quantities.get(sku) ?? 0) + quantity)
  return [...quantities].map(([sku, quantity]) => {
    const price = prices[sku]
    if (!price) throw orders.place.errors.UnknownProduct({ sku })
    return { sku, quantity, price }
  })
}

export function totalOf(lines: readonly PricedLine[]): Money {
  return sum(lines.map(({ price, quantity }) => times(price, quantity)))
}
