import { aggregate, events } from 'banyan'
import { z } from 'zod'
import { Quantity } from '../values/item.ts'

const ForOrder = z.object({ orderId: z.string(), quantity: Quantity })
type ForOrder = z.infer<typeof ForOrder>
export const { Received, Reserved, Released, Sold, Returned } = events({
  Received: z.object({ delivery: z.string(), quantity: Quantity }),
  Reserved: ForOrder,
  Released: ForOrder,
  Sold: ForOrder,
  Returned: ForOrder,
})

interface Stock {
  /** Pieces that nobody has a claim to. */
  readonly available: number
  /** Pieces kept for orders. */
  readonly reserved: number
}

/**
 * The stock of one product; its id is the product's number. Two numbers, however much happened to it: that nothing happens twice is for
 * `reservation` and `delivery` to say, which decide in the same transaction.
 */
export const stock = aggregate('stock', {
  events: { Received, Reserved, Released, Sold, Returned },
  initial: { available: 0, reserved: 0 } as Stock,
  evolve: {
    Received: ({ available, reserved }, { quantity }) => ({ available: available + quantity, reserved }),
    Reserved: ({ available, reserved }, { quantity }) => ({ available: available - quantity, reserved: reserved + quantity }),
    Released: ({ available, reserved }, { quantity }) => ({ available: available + quantity, reserved: reserved - quantity }),
    Sold: ({ available, reserved }, { quantity }) => ({ available, reserved: reserved - quantity }),
    Returned: ({ available, reserved }, { quantity }) => ({ available: available + quantity, reserved }),
  },
  decide: {
    receive: (_state, delivered: { delivery: string; quantity: number }) => Received(delivered),
    /** Whoever reserves has looked at `available` in the same transaction, so running short here is a mistake in the program. */
    reserve: ({ available }, wanted: ForOrder) => {
      if (wanted.quantity > available) throw new RangeError(`${wanted.quantity} pieces were to be reserved and ${available} are available`)
      return Reserved(wanted)
    },
    release: (state, kept: ForOrder) => Released(ofReserved(state, kept)),
    sell: (state, kept: ForOrder) => Sold(ofReserved(state, kept)),
    takeBack: (_state, returned: ForOrder) => Returned(returned),
  },
})

function ofReserved({ reserved }: Stock, kept: ForOrder): ForOrder {
  if (kept.quantity > reserved) throw new RangeError(`${kept.quantity} pieces kept for ${kept.orderId} were to leave, and ${reserved} are kept at all`)
  return kept
}
