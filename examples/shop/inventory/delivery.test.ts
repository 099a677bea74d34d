import { given } from 'banyan/testing'
import { test } from 'vitest'
import { Booked, delivery } from './delivery.ts'

test('a delivery note is booked once', () => {
  given(delivery)
    .when((d) => d.book())
    .then([Booked({})])
  given(delivery, [Booked({})])
    .when((d) => d.book())
    .thenNothing()
})
