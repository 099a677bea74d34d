import { given } from 'banyan/testing'
import { describe, test } from 'vitest'
import { shows } from './contract.ts'
import { Announced, Booked, show } from './show.ts'

const announced = Announced({ title: 'Hamlet', seats: 5 })
const booking = { showId: 'hamlet', bookingId: 'b1', guest: 'ada', seats: 3 }

describe('a show', () => {
  test('is announced once', () => {
    const announcement = { showId: 'hamlet', title: 'Hamlet', seats: 5 }
    given(show)
      .when((d) => d.announce(announcement))
      .then([announced])
    given(show, [announced])
      .when((d) => d.announce(announcement))
      .thenRefused(shows.announce.errors.AlreadyAnnounced, { showId: 'hamlet' })
  })

  test('is booked as long as there are seats', () => {
    given(show, [announced])
      .when((d) => d.book(booking))
      .then([Booked({ bookingId: 'b1', guest: 'ada', seats: 3 })])
    given(show, [announced, Booked({ bookingId: 'b0', guest: 'bo', seats: 3 })])
      .when((d) => d.book(booking))
      .thenRefused(shows.book.errors.SoldOut, { showId: 'hamlet', left: 2 })
  })

  test('that nobody has announced cannot be booked', () => {
    given(show)
      .when((d) => d.book(booking))
      .thenRefused(shows.book.errors.NotFound, { showId: 'hamlet' })
  })
})
