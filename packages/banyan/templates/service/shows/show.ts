import { aggregate, events } from 'banyan'
import { z } from 'zod'
import { shows } from './contract.ts'

export const { Announced, Booked } = events({
  Announced: z.object({ title: z.string(), seats: z.number() }),
  Booked: z.object({ bookingId: z.string(), guest: z.string(), seats: z.number() }),
})

type Show = { readonly status: 'none' } | { readonly status: 'announced'; readonly left: number }

interface Announce {
  readonly showId: string
  readonly title: string
  readonly seats: number
}
interface Book {
  readonly showId: string
  readonly bookingId: string
  readonly guest: string
  readonly seats: number
}

/** One show. Its events are the truth; `evolve` says what they lead to, `decide` what may happen next. */
export const show = aggregate('show', {
  events: { Announced, Booked },
  initial: { status: 'none' } as Show,
  evolve: {
    Announced: (_show, { seats }) => ({ status: 'announced', left: seats }),
    Booked: (show, { seats }) => (show.status === 'none' ? show : { ...show, left: show.left - seats }),
  },
  decide: {
    announce: (show, { showId, title, seats }: Announce) => {
      if (show.status !== 'none') throw shows.announce.errors.AlreadyAnnounced({ showId })
      return Announced({ title, seats })
    },
    book: (show, { showId, bookingId, guest, seats }: Book) => {
      if (show.status === 'none') throw shows.book.errors.NotFound({ showId })
      if (show.left < seats) throw shows.book.errors.SoldOut({ showId, left: show.left })
      return Booked({ bookingId, guest, seats })
    },
  },
})
