import { orders, type Line, type PricedLine } from './contract.ts'

/** Lines at their prices. Refuses a product that has none. */
export function priced(lines: readonly Line[], prices: Readonly<Record<string, number>>): PricedLine[] {
  return lines.map((line) => {
    const price = prices[line.sku]
    if (price === undefined) throw orders.place.errors.UnknownProduct({ sku: line.sku })
    return { ...line, price }
  })
}

export function totalOf(lines: readonly PricedLine[]): number {
  return lines.reduce((sum, { price, quantity }) => sum + price * quantity, 0)
}
