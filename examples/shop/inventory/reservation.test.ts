import { given } from 'banyan/testing'
import { test } from 'vitest'
import { Completed, Freed, Held, Refused, reservation, Voided } from './reservation.ts'

const lines = [{ sku: 'TEA-001', quantity: 2 }]
const held = Held({ lines })
const refused = Refused({ short: [{ sku: 'TEA-001', wanted: 2, available: 1 }] })

test('is made once', () => {
  given(reservation)
    .when((d) => d.hold({ lines }))
    .then([held])
  given(reservation, [held])
    .when((d) => d.hold({ lines }))
    .thenNothing()
  given(reservation, [refused])
    .when((d) => d.hold({ lines }))
    .thenNothing()
})

test('is refused once, and only instead of being made', () => {
  given(reservation)
    .when((d) => d.refuse(refused.data))
    .then([refused])
  given(reservation, [refused])
    .when((d) => d.refuse(refused.data))
    .thenNothing()
  given(reservation, [held])
    .when((d) => d.refuse(refused.data))
    .thenNothing()
})

test('is freed once, unless it is complete', () => {
  given(reservation, [held])
    .when((d) => d.free())
    .then([Freed({})])
  given(reservation, [held, Freed({})])
    .when((d) => d.free())
    .thenNothing()
  given(reservation, [held, Completed({})])
    .when((d) => d.free())
    .thenNothing()
  given(reservation, [refused])
    .when((d) => d.free())
    .thenNothing()
})

test('is completed once, and only if it was made', () => {
  given(reservation, [held])
    .when((d) => d.complete())
    .then([Completed({})])
  given(reservation, [held, Completed({})])
    .when((d) => d.complete())
    .thenNothing()
  given(reservation)
    .when((d) => d.complete())
    .thenNothing()
  given(reservation, [held, Freed({})])
    .when((d) => d.complete())
    .thenNothing()
})

test('a cancellation that overtakes the order leaves a tombstone', () => {
  given(reservation)
    .when((d) => d.free())
    .then([Voided({})])
  given(reservation, [Voided({})])
    .when((d) => d.hold({ lines }))
    .thenNothing()
  given(reservation, [Voided({})])
    .when((d) => d.refuse(refused.data))
    .thenNothing()
  given(reservation, [Voided({})])
    .when((d) => d.free())
    .thenNothing()
})
