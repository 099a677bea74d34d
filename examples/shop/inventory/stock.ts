import { aggregate, events } from 'banyan'
import { z } from 'zod'
import { Quantity } from '../values/line.ts'

const ForOrder = z.object({ orderId: z.string(), quantity: Quantity })
export const { Received, Reserved, Released, Sold } = events({
  Received: z.object({ delivery: z.string(), quantity: Quantity }),
  Reserved: ForOrder,
  Released: ForOrder,
  Sold: ForOrder,
})

interface Stock {
  /** Pieces that nobody has a claim to. */
  readonly available: number
  /** Pieces kept, by order. */
  readonly reserved: Readonly<Record<string, number>>
  /** Delivery notes booked. */
  readonly deliveries: readonly string[]
}

/** The stock of one product; its id is the product's number. */
export const stock = aggregate('stock', {
  events: { Received, Reserved, Released, Sold },
  initial: { available: 0, reserved: {}, deliveries: [] } as Stock,
  evolve: {
    Received: (state, { delivery, quantity }) => ({ ...state, available: state.available + quantity, deliveries: [...state.deliveries, delivery] }),
    Reserved: (state, { orderId, quantity }) => ({ ...state, available: state.available - quantity, reserved: { ...state.reserved, [orderId]: quantity } }),
    Released: (state, { orderId, quantity }) => ({ ...state, available: state.available + quantity, reserved: without(state.reserved, orderId) }),
    Sold: (state, { orderId }) => ({ ...state, reserved: without(state.reserved, orderId) }),
  },
  decide: {
    receive: (state, { delivery, quantity }: { delivery: string; quantity: number }) => {
      if (!state.deliveries.includes(delivery)) return Received({ delivery, quantity })
    },
    /** Whoever reserves has looked at `available` in the same transaction, so running short here is a mistake in the program. */
    reserve: (state, { orderId, quantity }: { orderId: string; quantity: number }) => {
      if (orderId in state.reserved) return
      if (quantity > state.available) throw new RangeError(`${quantity} pieces were to be reserved and ${state.available} are available`)
      return Reserved({ orderId, quantity })
    },
    release: (state, { orderId }: { orderId: string }) => {
      const quantity = state.reserved[orderId]
      if (quantity !== undefined) return Released({ orderId, quantity })
    },
    sell: (state, { orderId }: { orderId: string }) => {
      const quantity = state.reserved[orderId]
      if (quantity !== undefined) return Sold({ orderId, quantity })
    },
  },
})

function without(reserved: Stock['reserved'], orderId: string): Stock['reserved'] {
  return Object.fromEntries(Object.entries(reserved).filter(([key]) => key !== orderId))
}
