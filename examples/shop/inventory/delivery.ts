import { aggregate, events } from 'banyan'
import { z } from 'zod'

export const { Booked } = events({ Booked: z.object({}) })

/** A delivery note for a product; its id is both. It is booked once, and a note that comes again books nothing. */
export const delivery = aggregate('delivery', {
  events: { Booked },
  initial: { booked: false },
  evolve: { Booked: (_state) => ({ booked: true }) },
  decide: { book: ({ booked }) => (booked ? undefined : Booked({})) },
})
