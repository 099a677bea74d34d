import { expect, test } from 'vitest'
import { Reason } from '../orders/contract.ts'
import { euros } from '../values/money.ts'
import { cancelled, confirmed, dispatched } from './letters.ts'

const order = {
  orderId: 'o1',
  items: [
    { sku: 'TEA-001', quantity: 2 },
    { sku: 'POT-001', quantity: 1 },
  ],
  total: euros(7400),
}

test('a confirmed order is told with what is in it and what it costs', () => {
  expect(confirmed(order)('Ada')).toEqual({
    subject: 'Your order o1 is confirmed',
    text: 'Dear Ada,\n\nThank you. It is paid for, and this is yours:\n\n  2 × TEA-001\n  1 × POT-001\n\nTotal: €74.00\n\nWe write again when it leaves.\n\nThe shop\n',
  })
})

test('who is not known by name is greeted all the same', () => {
  expect(confirmed(order)(null).text).toMatch(/^Hello,\n/)
})

test('a cancelled order is told with its reason, whichever it is', () => {
  const { subject, text } = cancelled(order, 'sold out')('Ada')
  expect(subject).toBe('Your order o1 is cancelled')
  expect(text).toContain('because we no longer have enough of something in it. This was in it:\n\n  2 × TEA-001')
  expect(text).toContain('what was charged of €74.00 goes back')
  const texts = Reason.options.map((reason) => cancelled(order, reason)(null).text)
  expect(new Set(texts).size).toBe(Reason.options.length)
  for (const each of texts) expect(each).not.toContain('undefined')
})

test('a parcel is told with what is in it and how to follow it', () => {
  expect(dispatched({ orderId: 'o1', tracking: 'SHOP-1', items: [{ sku: 'TEA-001', quantity: 1 }] })('Ada')).toEqual({
    subject: 'A parcel of your order o1 is on its way',
    text: 'Dear Ada,\n\nIn it:\n\n  1 × TEA-001\n\nIts number is SHOP-1; whoever has the number may ask where it is.\n\nThe shop\n',
  })
})
