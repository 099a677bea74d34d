import { given } from 'banyan/testing'
import { describe, expect, test } from 'vitest'
import { Confirmed, Expired, Freed, Held, Refused, Released, reservation, Returned, Sold, Voided } from './reservation.ts'

const tea = (quantity: number) => [{ sku: 'TEA-001', quantity }]
const held = Held({ items: tea(5) })
const refused = Refused({ short: [{ sku: 'TEA-001', wanted: 5, available: 1 }] })
const parcel = { reference: 'parcel 1', items: tea(2) }

test('is made once', () => {
  given(reservation)
    .when((d) => d.hold({ items: tea(5) }))
    .then([held])
  given(reservation, [held])
    .when((d) => d.hold({ items: tea(5) }))
    .thenNothing()
  given(reservation, [refused])
    .when((d) => d.hold({ items: tea(5) }))
    .thenNothing()
})

test('is refused once, and only instead of being made', () => {
  given(reservation)
    .when((d) => d.refuse(refused.data))
    .then([refused])
  for (const before of [refused, held])
    given(reservation, [before])
      .when((d) => d.refuse(refused.data))
      .thenNothing()
})

describe('time', () => {
  test('runs out unless the order is paid for', () => {
    given(reservation, [held])
      .when((d) => d.expire())
      .then([Expired({})])
    for (const history of [[], [held, Expired({})], [held, Confirmed({})], [held, Freed({ items: tea(5) })], [refused]])
      given(reservation, history)
        .when((d) => d.expire())
        .thenNothing()
  })

  test('that ran out changes nothing: the order says whether it was paid for', () => {
    expect(given(reservation, [held, Expired({})]).state.kept).toEqual({ 'TEA-001': 5 })
    given(reservation, [held, Expired({})])
      .when((d) => d.confirm())
      .then([Confirmed({})])
    given(reservation, [held, Expired({})])
      .when((d) => d.free())
      .then([Freed({ items: tea(5) })])
  })
})

test('is freed once, unless the order is paid for', () => {
  given(reservation, [held])
    .when((d) => d.free())
    .then([Freed({ items: tea(5) })])
  for (const history of [[held, Freed({ items: tea(5) })], [held, Confirmed({})], [refused]])
    given(reservation, history)
      .when((d) => d.free())
      .thenNothing()
})

test('a cancellation that overtakes the order leaves a tombstone', () => {
  given(reservation)
    .when((d) => d.free())
    .then([Voided({})])
  given(reservation, [Voided({})])
    .when((d) => d.hold({ items: tea(5) }))
    .thenNothing()
  given(reservation, [Voided({})])
    .when((d) => d.free())
    .thenNothing()
})

describe('parts', () => {
  test('leave with parcels, each once', () => {
    given(reservation, [held, Confirmed({})])
      .when((d) => d.sell(parcel))
      .then([Sold(parcel)])
    given(reservation, [held, Confirmed({}), Sold(parcel)])
      .when((d) => d.sell(parcel))
      .thenNothing()
    given(reservation, [held, Confirmed({}), Sold(parcel)])
      .when((d) => d.sell({ reference: 'parcel 2', items: tea(3) }))
      .then([Sold({ reference: 'parcel 2', items: tea(3) })])
  })

  test('may leave before it is heard that the order is paid for', () => {
    given(reservation, [held])
      .when((d) => d.sell(parcel))
      .then([Sold(parcel)])
  })

  test('are released once for a withdrawal', () => {
    const part = { reference: 'r1', items: tea(3) }
    given(reservation, [held, Confirmed({}), Sold(parcel)])
      .when((d) => d.release(part))
      .then([Released(part)])
    given(reservation, [held, Confirmed({}), Sold(parcel), Released(part)])
      .when((d) => d.release(part))
      .thenNothing()
    expect(given(reservation, [held, Confirmed({}), Sold(parcel), Released(part)]).state.kept).toEqual({})
  })

  test('come back once', () => {
    const part = { reference: 'return r1', items: tea(1) }
    given(reservation, [held, Confirmed({}), Sold(parcel)])
      .when((d) => d.takeBack(part))
      .then([Returned(part)])
    given(reservation, [held, Confirmed({}), Sold(parcel), Returned(part)])
      .when((d) => d.takeBack(part))
      .thenNothing()
  })

  test('cannot be more than is kept', () => {
    given(reservation, [held, Confirmed({}), Sold(parcel)])
      .when((d) => d.sell({ reference: 'parcel 2', items: tea(4) }))
      .thenThrows(/parcel 2 is about more of TEA-001 than the 3 that are kept/)
  })
})
