import { expect, test } from 'vitest'
import { Session } from './session.ts'

test('a session keeps the last position of each partition, and says itself as text', () => {
  const session = new Session()
  expect([session.empty, session.wrote, String(session)]).toEqual([true, false, ''])
  session.note('orders', [
    { partition: 12, position: 40 },
    { partition: 3, position: 41 },
  ])
  session.note('orders', [{ partition: 12, position: 39 }])
  session.note('payments', [{ partition: 12, position: 1 }])
  expect(String(session)).toBe('orders:12=40,3=41;payments:12=1')
  expect(session.of('orders')).toEqual(
    new Map([
      [12, 40],
      [3, 41],
    ]),
  )
  expect([session.empty, session.wrote, session.of('catalog')]).toEqual([false, true, undefined])
})

test('what was read was not written; what is older than that is nothing new', () => {
  const session = Session.read('orders:12=40')
  expect(session.wrote).toBe(false)
  session.note('orders', [{ partition: 12, position: 40 }])
  expect(session.wrote).toBe(false)
  session.add(Session.read('orders:12=41;payments:0=1'))
  expect([session.wrote, String(session)]).toEqual([true, 'orders:12=41;payments:0=1'])
})

test.each(['orders', 'orders:', 'orders:1', 'orders:1=', 'orders:1=2;', 'Orders:1=2', 'orders:1=99999999999999999', '; drop table'])(
  '%j is no session',
  (text) => {
    expect(() => Session.read(text)).toThrow('is no session; send back what the last answer said')
  },
)
