import { given } from 'banyan/testing'
import { expect, test } from 'vitest'
import { Received, Released, Reserved, Returned, Sold, stock } from './stock.ts'

const delivered = Received({ delivery: 'note 1', quantity: 5 })
const three = { orderId: 'o1', quantity: 3 }
const kept = Reserved(three)

test('pieces come in, are kept, and leave', () => {
  given(stock)
    .when((d) => d.receive({ delivery: 'note 1', quantity: 5 }))
    .then([delivered])
  given(stock, [delivered])
    .when((d) => d.reserve(three))
    .then([kept])
  given(stock, [delivered, kept])
    .when((d) => d.sell(three))
    .then([Sold(three)])
  given(stock, [delivered, kept])
    .when((d) => d.release({ orderId: 'o1', quantity: 1 }))
    .then([Released({ orderId: 'o1', quantity: 1 })])
  given(stock, [delivered, kept, Sold(three)])
    .when((d) => d.takeBack({ orderId: 'o1', quantity: 2 }))
    .then([Returned({ orderId: 'o1', quantity: 2 })])
})

test('no more than there is', () => {
  given(stock, [delivered])
    .when((d) => d.reserve({ orderId: 'o1', quantity: 5 }))
    .then([Reserved({ orderId: 'o1', quantity: 5 })])
  given(stock, [delivered, kept])
    .when((d) => d.reserve({ orderId: 'o2', quantity: 3 }))
    .thenThrows(/3 pieces .* 2 are available/)
  given(stock, [delivered, kept])
    .when((d) => d.sell({ orderId: 'o1', quantity: 4 }))
    .thenThrows(/4 pieces kept for o1 .* 3 are kept/)
  given(stock, [delivered])
    .when((d) => d.release(three))
    .thenThrows(/3 pieces kept for o1 .* 0 are kept/)
})

test('available is what came in less what is kept or sold', () => {
  expect(given(stock, [delivered, kept]).state).toEqual({ available: 2, reserved: 3 })
  expect(given(stock, [delivered, kept, Released(three)]).state).toEqual({ available: 5, reserved: 0 })
  expect(given(stock, [delivered, kept, Sold(three)]).state).toEqual({ available: 2, reserved: 0 })
  expect(given(stock, [delivered, kept, Sold(three), Returned({ orderId: 'o1', quantity: 1 })]).state).toEqual({ available: 3, reserved: 0 })
})
