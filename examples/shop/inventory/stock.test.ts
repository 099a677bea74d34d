import { given } from 'banyan/testing'
import { expect, test } from 'vitest'
import { Received, Released, Reserved, Sold, stock } from './stock.ts'

const delivered = Received({ delivery: 'note 1', quantity: 5 })
const kept = Reserved({ orderId: 'o1', quantity: 3 })

test('a delivery note is booked once', () => {
  given(stock)
    .when((d) => d.receive({ delivery: 'note 1', quantity: 5 }))
    .then([delivered])
  given(stock, [delivered])
    .when((d) => d.receive({ delivery: 'note 1', quantity: 5 }))
    .thenNothing()
  given(stock, [delivered])
    .when((d) => d.receive({ delivery: 'note 2', quantity: 1 }))
    .then([Received({ delivery: 'note 2', quantity: 1 })])
})

test('pieces are kept for an order once', () => {
  given(stock, [delivered])
    .when((d) => d.reserve({ orderId: 'o1', quantity: 3 }))
    .then([kept])
  given(stock, [delivered, kept])
    .when((d) => d.reserve({ orderId: 'o1', quantity: 3 }))
    .thenNothing()
})

test('no more than there is', () => {
  given(stock, [delivered])
    .when((d) => d.reserve({ orderId: 'o1', quantity: 5 }))
    .then([Reserved({ orderId: 'o1', quantity: 5 })])
  given(stock, [delivered, kept])
    .when((d) => d.reserve({ orderId: 'o2', quantity: 3 }))
    .thenThrows(/3 pieces .* 2 are available/)
})

test('what was kept comes back once, and what was never kept does not', () => {
  given(stock, [delivered, kept])
    .when((d) => d.release({ orderId: 'o1' }))
    .then([Released({ orderId: 'o1', quantity: 3 })])
  given(stock, [delivered, kept, Released({ orderId: 'o1', quantity: 3 })])
    .when((d) => d.release({ orderId: 'o1' }))
    .thenNothing()
  given(stock, [delivered])
    .when((d) => d.release({ orderId: 'o1' }))
    .thenNothing()
})

test('what was kept is sold once, and then stays sold', () => {
  const sold = Sold({ orderId: 'o1', quantity: 3 })
  given(stock, [delivered, kept])
    .when((d) => d.sell({ orderId: 'o1' }))
    .then([sold])
  given(stock, [delivered, kept, sold])
    .when((d) => d.sell({ orderId: 'o1' }))
    .thenNothing()
  given(stock, [delivered, kept, sold])
    .when((d) => d.release({ orderId: 'o1' }))
    .thenNothing()
})

test('available is what came in less what is kept or sold', () => {
  expect(given(stock, [delivered, kept]).state.available).toBe(2)
  expect(given(stock, [delivered, kept, Released({ orderId: 'o1', quantity: 3 })]).state).toMatchObject({ available: 5, reserved: {} })
  expect(given(stock, [delivered, kept, Sold({ orderId: 'o1', quantity: 3 })]).state).toMatchObject({ available: 2, reserved: {} })
})
