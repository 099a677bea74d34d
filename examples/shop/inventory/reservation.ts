import { aggregate, events } from 'banyan'
import { z } from 'zod'
import { Line } from '../values/line.ts'
import { Shortage } from './contract.ts'

export const { Held, Refused, Freed, Completed, Voided } = events({
  Held: z.object({ lines: z.array(Line) }),
  Refused: z.object({ short: z.array(Shortage) }),
  Freed: z.object({}),
  Completed: z.object({}),
  /** Cancelled before it was asked for: a tombstone, so that what comes late reserves nothing. */
  Voided: z.object({}),
})

/** `over`: refused, freed, completed or voided; nothing can happen any more. */
type Reservation = { readonly status: 'none' } | { readonly status: 'held'; readonly lines: readonly Line[] } | { readonly status: 'over' }

/** What is kept for one order; its id is the order's. The pieces themselves are counted by `stock`. */
export const reservation = aggregate('reservation', {
  events: { Held, Refused, Freed, Completed, Voided },
  initial: { status: 'none' } as Reservation,
  evolve: {
    Held: (_state, { lines }) => ({ status: 'held', lines }),
    Refused: (_state) => ({ status: 'over' }),
    Freed: (_state) => ({ status: 'over' }),
    Completed: (_state) => ({ status: 'over' }),
    Voided: (_state) => ({ status: 'over' }),
  },
  decide: {
    hold: (state, { lines }: { lines: Line[] }) => (state.status === 'none' ? Held({ lines }) : undefined),
    refuse: (state, { short }: { short: z.infer<typeof Shortage>[] }) => (state.status === 'none' ? Refused({ short }) : undefined),
    complete: (state) => (state.status === 'held' ? Completed({}) : undefined),
    free: (state) => {
      if (state.status === 'none') return Voided({})
      if (state.status === 'held') return Freed({})
    },
  },
})
