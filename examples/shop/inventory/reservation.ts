import { aggregate, events } from 'banyan'
import { z } from 'zod'
import { itemsOf, lacking, minus, plus, type Counts } from '../values/counts.ts'
import { Item } from '../values/item.ts'
import { Shortage } from './contract.ts'

const Part = z.object({ reference: z.string(), items: z.array(Item) })
type Part = z.infer<typeof Part>
export const { Held, Refused, Confirmed, Expired, Freed, Sold, Released, Returned, Voided } = events({
  Held: z.object({ items: z.array(Item) }),
  Refused: z.object({ short: z.array(Shortage) }),
  Confirmed: z.object({}),
  /** Its time is over. What is kept stays so until the order, which decides, is cancelled. */
  Expired: z.object({}),
  Freed: z.object({ items: z.array(Item) }),
  /** Pieces that left in a parcel, that were withdrawn from the shipment, that came back. */
  Sold: Part,
  Released: Part,
  Returned: Part,
  /** Cancelled before it was asked for: a tombstone, so that what comes late reserves nothing. */
  Voided: z.object({}),
})

/** `over`: refused, freed or voided; nothing is kept. */
interface Reservation {
  readonly status: 'none' | 'held' | 'expired' | 'confirmed' | 'over'
  readonly kept: Counts
  /** Parcels, withdrawals and returns that are done. */
  readonly done: readonly string[]
}

/** What is kept for one order; its id is the order's. The pieces themselves are counted by `stock`. */
export const reservation = aggregate('reservation', {
  events: { Held, Refused, Confirmed, Expired, Freed, Sold, Released, Returned, Voided },
  initial: { status: 'none', kept: {}, done: [] } as Reservation,
  evolve: {
    Held: (state, { items }) => ({ ...state, status: 'held', kept: plus(state.kept, items) }),
    Refused: (state) => ({ ...state, status: 'over' }),
    Confirmed: (state) => ({ ...state, status: 'confirmed' }),
    Expired: (state) => ({ ...state, status: 'expired' }),
    Freed: (state) => ({ ...state, status: 'over', kept: {} }),
    Sold: (state, { reference, items }) => ({ ...state, kept: minus(state.kept, items), done: [...state.done, reference] }),
    Released: (state, { reference, items }) => ({ ...state, kept: minus(state.kept, items), done: [...state.done, reference] }),
    Returned: (state, { reference }) => ({ ...state, done: [...state.done, reference] }),
    Voided: (state) => ({ ...state, status: 'over' }),
  },
  decide: {
    hold: ({ status }, { items }: { items: Item[] }) => (status === 'none' ? Held({ items }) : undefined),
    refuse: ({ status }, { short }: { short: z.infer<typeof Shortage>[] }) => (status === 'none' ? Refused({ short }) : undefined),
    /** It is paid for. */
    confirm: ({ status }) => (status === 'held' || status === 'expired' ? Confirmed({}) : undefined),
    expire: ({ status }) => (status === 'held' ? Expired({}) : undefined),
    /** The order is cancelled, which it can only be before it is paid for. */
    free: ({ status, kept }) => {
      if (status === 'none') return Voided({})
      if (status === 'held' || status === 'expired') return Freed({ items: itemsOf(kept) })
    },
    sell: (state, part: Part) => (state.done.includes(part.reference) ? undefined : Sold(ofKept(state, part))),
    release: (state, part: Part) => (state.done.includes(part.reference) ? undefined : Released(ofKept(state, part))),
    takeBack: ({ done }, part: Part) => (done.includes(part.reference) ? undefined : Returned(part)),
  },
})

/** Whoever sells or releases was promised the pieces, so that fewer of them are a mistake in the program. */
function ofKept({ kept }: Reservation, part: Part): Part {
  const short = lacking(kept, part.items)
  if (short) throw new RangeError(`${part.reference} is about more of ${short.sku} than the ${short.possible} that are kept`)
  return part
}
