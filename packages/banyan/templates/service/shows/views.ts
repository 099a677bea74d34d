import { projection } from './parts.ts'
import { show } from './show.ts'

/** What the list of shows is read from: each event is applied once, in the order of its show. */
export const showView = projection('show', { version: 1 }, (on) => [
  on(show.events.Announced, ({ title, seats }, { db, event }) => db.insertInto('show').values({ show_id: event.key, title, seats_left: seats }).execute()),
  on(show.events.Booked, ({ seats }, { db, event }) =>
    db
      .updateTable('show')
      .set((show) => ({ seats_left: show('seats_left', '-', seats) }))
      .where('show_id', '=', event.key)
      .execute(),
  ),
])
