import type { Product } from './catalog/contract.ts'
import { euros } from './values/money.ts'

interface Article extends Product {
  /** Pieces of the opening stock. */
  readonly pieces: number
}

/** What the shop opens with: things for rainy afternoons. One of them is sold out, as one always is. */
export const assortment: readonly Article[] = [
  article('TEA-001', 'Smoked pine tea', 'Tastes of a campfire on which somebody put a kettle.', 1250, 40),
  article('TEA-002', 'Garden-after-rain tea', 'Mint, nettle and lemon balm, dried under a roof that leaks a little.', 980, 60),
  article('CUP-001', 'Wide-bottomed mug', 'Cannot be knocked over by a cat of ordinary size.', 1690, 30),
  article('CUP-002', 'Travelling cup', 'Folds into its own lid; has been to Lisbon.', 2390, 25),
  article('POT-001', 'Two-spouted teapot', 'For people who disagree about who pours.', 4900, 8),
  article('LMP-001', 'Dusk lamp', 'Grows dim slowly, so that nobody has to say it is late.', 5450, 12),
  article('BLK-001', 'Wool blanket, river stripe', 'Large enough for two people, or for one who keeps it all.', 7900, 15),
  article('CLK-001', 'Patient clock', 'Runs four minutes slow, on purpose.', 6400, 0),
  article('BKS-001', 'Atlas of short walks', 'Ninety walks that end where they began, near a bench.', 2850, 20),
  article('PEN-001', 'Pencil that erases first', 'Rubber at the sharp end, for the careful.', 320, 200),
  article('SOX-001', 'Odd socks, pair', 'Sold as a pair; guaranteed never to match.', 1100, 90),
  article('UMB-001', 'Umbrella with a window', 'See where you are going without getting wet.', 3300, 18),
]

function article(sku: string, name: string, description: string, cents: number, pieces: number): Article {
  return { sku, name, description, price: euros(cents), pieces }
}
