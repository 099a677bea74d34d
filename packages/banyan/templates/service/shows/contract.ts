import { command, contract, query } from 'banyan'
import { z } from 'zod'

const ShowId = z.string().regex(/^[a-z0-9-]{1,40}$/, 'is 1 to 40 small letters, digits and dashes')
const Title = z.string().min(1).max(80)

/** Shows of a theatre, and the seats that are left. Others may import this file, and nothing else of the service. */
export const shows = contract('shows', {
  announce: command({
    http: 'POST /shows',
    input: z.object({ showId: ShowId, title: Title, seats: z.number().int().min(1).max(5000) }),
    errors: { AlreadyAnnounced: z.object({ showId: ShowId }) },
    statuses: { AlreadyAnnounced: 409 },
  }),

  book: command({
    http: 'POST /shows/:showId/bookings',
    input: z.object({ showId: ShowId, seats: z.number().int().min(1).max(10) }),
    output: z.object({ bookingId: z.string() }),
    errors: { NotFound: z.object({ showId: ShowId }), SoldOut: z.object({ showId: ShowId, left: z.number() }) },
    statuses: { SoldOut: 409 },
  }),

  /** By id; the next page is the one after the last id of this one. */
  list: query({
    http: 'GET /shows',
    input: z.object({ after: ShowId.optional(), limit: z.number().int().min(1).max(100).default(20) }),
    output: z.array(z.object({ showId: ShowId, title: Title, left: z.number() })),
  }),
})
