import { times, sum, type Money } from '../values/money.ts'
import { merged, type Item } from '../values/item.ts'
import { orders, type PricedLine } from './contract.ts'

/** Lines at their prices, one for each product. Refuses a product that has no price. */
export function priced(items: readonly Item[], prices: Readonly<Record<string, Money>>): PricedLine[] {
  return merged(items).map(({ sku, quantity }, index) => {
    const price = prices[sku]
    if (!price) throw orders.place.errors.UnknownProduct({ sku })
    return { line: index + 1, sku, quantity, price }
  })
}

export function totalOf(lines: readonly PricedLine[]): Money {
  return sum(lines.map(({ price, quantity }) => times(price, quantity)))
}
