import { shows } from './contract.ts'
import { handler } from './parts.ts'
import { show } from './show.ts'

export const announce = handler(shows.announce, (announcement, { transact }) => transact((tx) => tx.decide(show, announcement.showId).announce(announcement)))

export const book = handler(shows.book, ({ showId, seats }, { transact, identity, id }) => {
  const bookingId = id()
  return transact(async (tx) => {
    await tx.decide(show, showId).book({ showId, bookingId, guest: identity.subject, seats })
    return { bookingId }
  })
})

export const list = handler(shows.list, async ({ after = '', limit }, { db }) => {
  const rows = await db.selectFrom('show').selectAll().where('show_id', '>', after).orderBy('show_id').limit(limit).execute()
  return rows.map(({ show_id, title, seats_left }) => ({ showId: show_id, title, left: seats_left }))
})
