import { random } from '../fleet/random.ts'
import type { Good } from './survey.ts'

/** A product as the shop opens with it. */
export interface Article {
  readonly sku: string
  readonly name: string
  readonly cents: number
  /** Pieces of the opening stock. */
  readonly pieces: number
}

/** Of the quarter of products that sell least, so many have no stock: large orders need nearly everything, and must not all be sold out. */
const SHORT = 0.1
const NAME = 80

/**
 * What is listed and on the shelves before the first invoice: as many pieces of every product as all sales take together, and none of a few.
 * Which few follows from seed and product alone, so that an order is sold out or not whatever came before it. Goods that were never sold
 * for money have no price and are not listed.
 */
export function openingStock(goods: readonly Good[], seed: number): Article[] {
  const priced = goods.flatMap(({ cents, ...good }) => (cents === undefined ? [] : [{ ...good, cents }]))
  const slow = new Set([...priced].sort((one, other) => one.demand - other.demand || (one.sku < other.sku ? -1 : 1)).slice(0, Math.floor(priced.length / 4)))
  const chance = random(seed)
  return priced.map((good) => {
    const { sku, name, cents, demand } = good
    const short = slow.has(good) && chance.for(`stock of ${sku}`).next() < SHORT
    return { sku, name: (name || sku).slice(0, NAME), cents, pieces: short ? 0 : demand }
  })
}

/** How the payment of an invoice goes; follows from seed and number. */
export function cardOf(invoice: string, seed: number): string {
  const draw = random(seed).for(`card of ${invoice}`).next()
  if (draw < 0.02) return 'tok_declined'
  if (draw < 0.03) return 'tok_twice'
  return draw < 0.035 ? 'tok_slow' : 'tok_ok'
}
